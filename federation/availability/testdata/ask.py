"""Asks the Exchange Web Services at a URL about free/busy with exchangelib, and prints what
it read as JSON: a list with an object for each mailbox, up to the first with an error."""

import datetime
import json
import sys

from exchangelib import Configuration, EWSDateTime, EWSTimeZone
from exchangelib.properties import (
    DaylightTime,
    Email,
    FreeBusyViewOptions,
    MailboxData,
    StandardTime,
    TimeWindow,
    TimeZone,
)
from exchangelib.protocol import FailFast, Protocol
from exchangelib.services import GetUserAvailability
from exchangelib.transport import NOAUTH
from exchangelib.version import EXCHANGE_2013_SP1, Version


def eastern():
    two = datetime.time(2)
    return TimeZone(
        bias=300,
        standard_time=StandardTime(bias=0, time=two, occurrence=1, iso_month=11, weekday=7),
        daylight_time=DaylightTime(bias=-60, time=two, occurrence=2, iso_month=3, weekday=7),
    )


def options(view):
    zone = EWSTimeZone("America/New_York")
    window = TimeWindow(start=EWSDateTime(2030, 3, 9, tzinfo=zone), end=EWSDateTime(2030, 3, 11, tzinfo=zone))
    return FreeBusyViewOptions(time_window=window, merged_free_busy_interval=60, requested_view=view)


def plain(value):
    """What JSON knows of a value."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (datetime.datetime, datetime.time)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return {f.name: plain(getattr(value, f.name)) for f in value.FIELDS if getattr(value, f.name) is not None}


def main(url, view, addresses):
    config = Configuration(
        service_endpoint=url, auth_type=NOAUTH, version=Version(EXCHANGE_2013_SP1), retry_policy=FailFast()
    )
    mailboxes = [MailboxData(email=Email(email_address=a), attendee_type="Required") for a in addresses]
    call = GetUserAvailability(protocol=Protocol(config=config)).call
    out = []
    try:
        for answer in call(mailbox_data=mailboxes, timezone=eastern(), free_busy_view_options=options(view)):
            out.append(plain(answer))
    except Exception as e:  # a fault, or the first mailbox with an error
        out.append({"error": type(e).__name__, "text": str(e)})
    json.dump(out, sys.stdout)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
