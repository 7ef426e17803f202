"""Judges change batches on standard input by botocore's model of Route 53."""
import json, sys
import botocore.session, botocore.validate, botocore.serialize

model = botocore.session.get_session().get_service_model("route53")
operation = model.operation_model("ChangeResourceRecordSets")
serializer = botocore.serialize.create_serializer(model.metadata["protocol"], include_validation=True)
decoder, text, count = json.JSONDecoder(), sys.stdin.read().strip(), 0
while text:
    batch, end = decoder.raw_decode(text)
    serializer.serialize_to_request({"HostedZoneId": "Z148QEXAMPLE8V", "ChangeBatch": batch}, operation)
    text, count = text[end:].strip(), count + 1
print(count, "of Route 53")
