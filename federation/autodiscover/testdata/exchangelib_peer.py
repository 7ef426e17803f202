"""Reads an answer to GetUserSettings on standard input as exchangelib does, and writes what it
says. With the argument "request" it writes a request instead."""
import json
import sys
from types import SimpleNamespace

from exchangelib.services.get_user_settings import GetUserSettings
from exchangelib.util import to_xml

service = GetUserSettings.__new__(GetUserSettings)
service.protocol = SimpleNamespace(service_endpoint="https://autodiscover.fabrikam.example/autodiscover/autodiscover.svc")
GetUserSettings._account_to_impersonate = None

if sys.argv[1:] == ["request"]:
    payload = service.get_payload(users=["a@fabrikam.example"], settings=["external_ews_url", "external_ews_version"])
    sys.stdout.buffer.write(service.wrap(payload, api_version="Exchange2010"))
    sys.exit()

body = to_xml(sys.stdin.buffer.read()).find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
message = body.find(GetUserSettings._response_tag())
container = service._get_element_container(message, name=GetUserSettings.element_container_name)
answers = []
for response in (service._elem_to_obj(element) for element in container):
    answers.append([response.error_code, response.redirect_address, response.redirect_url,
                    response.user_settings, response.user_settings_errors])
json.dump(answers, sys.stdout)
