"""Drives the simulated object store with boto3, a client that we did not write.

Arguments: the endpoint, the bucket, the region, the access key and the secret of it. Prints one JSON object.
"""

import io
import json
import os
import sys
import urllib.request

os.environ["NO_PROXY"] = "*"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402
from boto3.s3.transfer import TransferConfig  # noqa: E402
from botocore.client import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

endpoint, bucket, region, key_id, secret = sys.argv[1:6]


def connect(with_secret):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=with_secret,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"max_attempts": 1},
        ),
    )


def refusal(work):
    try:
        work()
    except ClientError as error:
        return [
            error.response["ResponseMetadata"]["HTTPStatusCode"],
            error.response["Error"]["Code"],
        ]
    return None


s3 = connect(secret)
name = "docs/מסמך שלום (1).pdf"
body = bytes(range(256)) * 64
said = {}

s3.put_object(
    Bucket=bucket, Key=name, Body=body, ContentType="application/pdf", Metadata={"project": "7"}
)
read = s3.get_object(Bucket=bucket, Key=name)
said["read"] = [read["Body"].read() == body, read["ContentType"], read["Metadata"]]
said["head"] = s3.head_object(Bucket=bucket, Key=name)["ContentLength"]
piece = s3.get_object(Bucket=bucket, Key=name, Range="bytes=10-19")
said["range"] = [piece["Body"].read() == body[10:20], piece["ContentRange"]]
said["badRange"] = refusal(lambda: s3.get_object(Bucket=bucket, Key=name, Range="bytes=99999-"))
summed = s3.put_object(Bucket=bucket, Key="c", Body=b"x", ChecksumAlgorithm="SHA256")
said["checksum"] = summed["ChecksumSHA256"]
said["wrongChecksum"] = refusal(
    lambda: s3.put_object(Bucket=bucket, Key="d", Body=b"x", ChecksumSHA256=summed["ChecksumSHA256"][::-1])
)

big = os.urandom(12 << 20)
s3.upload_fileobj(
    io.BytesIO(big),
    bucket,
    "big",
    Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20),
)
whole = s3.get_object(Bucket=bucket, Key="big")
said["parts"] = [whole["Body"].read() == big, whole["ETag"][-3:]]

upload = s3.create_multipart_upload(Bucket=bucket, Key="half")["UploadId"]
part = s3.upload_part(Bucket=bucket, Key="half", UploadId=upload, PartNumber=1, Body=b"small")
s3.upload_part(Bucket=bucket, Key="half", UploadId=upload, PartNumber=2, Body=b"end")
listed = s3.list_parts(Bucket=bucket, Key="half", UploadId=upload)["Parts"]
said["listedParts"] = [[one["PartNumber"], one["Size"]] for one in listed]
said["tooSmall"] = refusal(
    lambda: s3.complete_multipart_upload(
        Bucket=bucket,
        Key="half",
        UploadId=upload,
        MultipartUpload={
            "Parts": [{"PartNumber": one["PartNumber"], "ETag": one["ETag"]} for one in listed]
        },
    )
)
said["open"] = [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]]
s3.abort_multipart_upload(Bucket=bucket, Key="half", UploadId=upload)
said["given up"] = refusal(
    lambda: s3.list_parts(Bucket=bucket, Key="half", UploadId=upload)
)

s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": name})
said["copy"] = s3.head_object(Bucket=bucket, Key="copy")["Metadata"]
pages = s3.get_paginator("list_objects_v2").paginate(
    Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}
)
said["pages"] = [
    [[one["Key"] for one in page.get("Contents", [])], [one["Prefix"] for one in page.get("CommonPrefixes", [])]]
    for page in pages
]
said["below"] = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="docs/")["Contents"]]

url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": name}, ExpiresIn=60)
said["presigned"] = urllib.request.urlopen(url).read() == body
try:
    urllib.request.urlopen(url[:-4] + "0000")
    said["forged"] = 200
except urllib.error.HTTPError as error:
    said["forged"] = error.code

said["missing"] = refusal(lambda: s3.get_object(Bucket=bucket, Key="nope"))
said["missingHead"] = refusal(lambda: s3.head_object(Bucket=bucket, Key="nope"))
said["otherBucket"] = refusal(lambda: s3.head_bucket(Bucket="somebody-elses"))
said["wrongSecret"] = refusal(lambda: connect("wrong").get_object(Bucket=bucket, Key=name))
said["tagging"] = refusal(lambda: s3.get_object_tagging(Bucket=bucket, Key=name))
gone = s3.delete_objects(
    Bucket=bucket, Delete={"Objects": [{"Key": key} for key in [name, "big", "c & d"]]}
)
said["gone"] = [one["Key"] for one in gone["Deleted"]]
s3.delete_object(Bucket=bucket, Key="c")
s3.delete_object(Bucket=bucket, Key="c")
said["left"] = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]

print(json.dumps(said))
