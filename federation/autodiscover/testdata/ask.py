"""Asks the Autodiscover service at a URL for settings of users with exchangelib, and prints
what it read as JSON: for each user his error, or his settings."""

import json
import sys

from exchangelib import Configuration
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.protocol import FailFast
from exchangelib.services import GetUserSettings
from exchangelib.transport import NOAUTH
from exchangelib.version import EXCHANGE_2013_SP1, Version

config = Configuration(
    service_endpoint=sys.argv[1], auth_type=NOAUTH, version=Version(EXCHANGE_2013_SP1), retry_policy=FailFast()
)
service = GetUserSettings(protocol=AutodiscoverProtocol(config=config))
settings = ["external_ews_url", "ews_supported_schemas", "user_dn"]
out = []
for answer in service.call(users=sys.argv[2:], settings=settings):
    read = {"code": answer.error_code, "settings": answer.user_settings}
    read["errors"] = {name: list(error) for name, error in (answer.user_settings_errors or {}).items()}
    out.append(read)
json.dump(out, sys.stdout)
