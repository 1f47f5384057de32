"""Drives the simulated Jira Data Center with python-jira, a client that we did not write.

Arguments: the base URL, a token that is right. Prints one JSON object.
"""

import json
import os
import sys
import warnings

os.environ["NO_PROXY"] = "*"
warnings.filterwarnings("ignore")

from jira import JIRA, JIRAError  # noqa: E402

url, token = sys.argv[1:3]


def connect(with_token):
    return JIRA(server=url, token_auth=with_token, max_retries=0, get_server_info=False)


def refusal(work):
    try:
        work()
    except JIRAError as error:
        return {
            "status": error.status_code,
            "text": error.text,
            "reason": error.response.headers.get("X-Seraph-LoginReason"),
        }
    return None


jira = JIRA(server=url, token_auth=token, max_retries=0)
created = jira.create_issue(
    project="PAY",
    summary="שמירת כרטיס בקופה",
    description="h2. קריטריוני קבלה\n* אחד",
    issuetype={"name": "Story"},
    labels=["so-pppppppppp"],
    customfield_10016=2,
)
found = jira.search_issues(
    'project = PAY AND labels = "so-pppppppppp" ORDER BY created DESC',
    validate_query=True,
    fields="summary,labels",
)
read = jira.issue(created.key, fields="summary,description,customfield_10016,reporter")
comment = jira.add_comment(created.key, "נראה *טוב*")
other = jira.create_issue(project={"key": "PAY"}, summary="b", issuetype={"name": "Task"})
jira.create_issue_link("Relates", created.key, other.key)
jira.add_issue_property(created.key, "studioops", {"marker": "so-pppppppppp"})

print(
    json.dumps(
        {
            "version": list(jira._version),
            "deployment": jira.server_info()["deploymentType"],
            "myself": jira.myself()["name"],
            "projects": [[p.key, p.name] for p in jira.projects()],
            "project": [t.name for t in jira.project("PAY").issueTypes],
            "fields": [f["id"] for f in jira.fields()],
            "types": [t.name for t in jira.issue_types()],
            "priorities": [p.name for p in jira.priorities()],
            "created": created.key,
            "self": created.self,
            "found": [[i.key, i.fields.summary, i.fields.labels] for i in found],
            "total": found.total,
            "all": len(jira.search_issues("project = PAY", maxResults=False)),
            "read": [
                read.fields.summary,
                read.fields.description,
                read.fields.customfield_10016,
                read.fields.reporter.displayName,
            ],
            "comment": [comment.body, comment.author.name],
            "comments": [c.body for c in jira.comments(created.key)],
            "links": [l.outwardIssue.key for l in jira.issue(created.key).fields.issuelinks],
            "linkTypes": [t.name for t in jira.issue_link_types()],
            "property": jira.issue_property(created.key, "studioops").value.marker,
            "badRequest": refusal(
                lambda: jira.create_issue(project={"key": "PAY"}, issuetype={"name": "Story"})
            ),
            "badQuery": refusal(lambda: jira.search_issues("nonsense = 1")),
            "notFound": refusal(lambda: jira.issue("PAY-4711")),
            "wrongToken": refusal(lambda: connect("nonsense").myself()),
        }
    )
)
