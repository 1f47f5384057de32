"""Reads one object with boto3, a client that we did not write, and prints its length and SHA-256.

Arguments: the endpoint, the bucket, the access key, its secret and the key of the object.
"""

import hashlib
import os
import sys

os.environ["NO_PROXY"] = "*"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402
from botocore.client import Config  # noqa: E402

endpoint, bucket, key_id, secret, key = sys.argv[1:6]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id=key_id,
    aws_secret_access_key=secret,
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
print(len(body), hashlib.sha256(body).hexdigest())
