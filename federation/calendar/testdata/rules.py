"""Writes random recurrence rules with the instances python-dateutil finds, one JSON object a line.

    python3 rules.py SEED NUMBER
"""
import datetime
import json
import random
import signal
import sys
import warnings
import zoneinfo

from dateutil import rrule

warnings.simplefilter("ignore")  # COUNT together with UNTIL, which only bounds the work here

FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
SPANS = {"YEARLY": 20 * 366, "MONTHLY": 5 * 366, "WEEKLY": 3 * 366, "DAILY": 500, "HOURLY": 30, "MINUTELY": 2, "SECONDLY": 1}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Auckland", "Africa/Casablanca"]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def pick(rng, values, most):
    return sorted(rng.sample(list(values), rng.randint(1, most)))


def signed(rng, highest, most):
    return [n if rng.random() < 0.6 else -n for n in pick(rng, range(1, highest + 1), most)]


def join(values):
    return ",".join(map(str, values))


def by_days(rng, freq, parts):
    """The parts that choose days, those left out that the RFC forbids or leaves open."""
    if rng.random() < 0.35:
        parts["BYMONTH"] = join(pick(rng, range(1, 13), 4))
    if freq != "WEEKLY" and rng.random() < 0.25:
        parts["BYMONTHDAY"] = join(signed(rng, 31, 6))
    if freq not in ("MONTHLY", "WEEKLY", "DAILY") and rng.random() < 0.1:
        parts["BYYEARDAY"] = join(signed(rng, 366, 40))
    weeks = freq == "YEARLY" and "BYMONTHDAY" not in parts and "BYYEARDAY" not in parts and rng.random() < 0.3
    if weeks:
        # dateutil 2.8 miscounts the weeks of the year before: the last ones by -1 only.
        parts["BYWEEKNO"] = join(pick(rng, [-1] + list(range(1, 52)), 5))
    if weeks or rng.random() < 0.45:
        days = pick(rng, WEEKDAYS, 4)
        if freq == "MONTHLY" or (freq == "YEARLY" and not weeks):
            if rng.random() < 0.6:
                highest = 5 if freq == "MONTHLY" or "BYMONTH" in parts else 53
                days = [f"{rng.choice(['', '-', '+'])}{rng.randint(1, highest)}{d}" for d in days]
        parts["BYDAY"] = join(days)


def by_times(rng, freq, parts):
    if rng.random() < 0.25:
        parts["BYHOUR"] = join(pick(rng, range(24), 6))
    if rng.random() < 0.25:
        parts["BYMINUTE"] = join(pick(rng, range(60), 4))
    if rng.random() < 0.15:
        parts["BYSECOND"] = join(pick(rng, range(60), 3))


def generate(rng):
    freq = rng.choice(FREQUENCIES + ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
    parts = {"FREQ": freq}
    if rng.random() < 0.4:
        parts["INTERVAL"] = str(rng.randint(2, 90 if freq in ("MINUTELY", "SECONDLY", "HOURLY") else 5))
    if rng.random() < 0.3:
        parts["WKST"] = rng.choice(WEEKDAYS)
    by_days(rng, freq, parts)
    by_times(rng, freq, parts)
    if rng.random() < 0.25 and any(k.startswith("BY") for k in parts):
        parts["BYSETPOS"] = join(signed(rng, 5, 3))
    start = datetime.datetime(rng.randint(1990, 2040), rng.randint(1, 12), rng.randint(1, 28),
                              rng.choice([0, 1, 2, 2, 3, 9, 17, 23]), rng.choice([0, 0, 15, 30, 59]), 0)
    return freq, parts, start


def instances(parts, start, end):
    """At most 400 instances before end."""
    text = ";".join(f"{k}={v}" for k, v in parts.items())
    rule = rrule.rrulestr(text, dtstart=start).replace(until=min(end, datetime.datetime(9000, 1, 1)))
    out = []
    for at in rule:
        out.append(at)
        if len(out) == 400:
            break
    return out


def case(rng):
    freq, parts, start = generate(rng)
    end = start + datetime.timedelta(days=SPANS[freq])
    found = instances(parts, start, end)
    if not found:
        return None
    start = found[0]
    if rng.random() < 0.4:
        parts["COUNT"] = str(rng.randint(1, 30))
    found = instances(parts, start, end)
    if not found or found[0] != start:
        return None
    name = rng.choice(ZONES)
    zone = zoneinfo.ZoneInfo(name)
    until = None
    if "COUNT" not in parts and rng.random() < 0.5:
        last = rng.choice(found)
        until = instant(last, zone)
        found = [at for at in found if instant(at, zone) <= until]
        parts["UNTIL"] = until.strftime("%Y%m%dT%H%M%SZ")
    instants = sorted({instant(at, zone) for at in found})
    first = instants[rng.randrange(len(instants))] if rng.random() < 0.6 else instants[0]
    # Behind the last instance that was looked at there may be more of them.
    if len(found) == 400:
        behind = instants[-1] - datetime.timedelta(hours=3)
    else:
        behind = instant(end, zone) - datetime.timedelta(hours=3)
    if behind <= first:
        return None
    return {"rule": ";".join(f"{k}={v}" for k, v in parts.items()), "zone": name,
            "start": start.strftime("%Y%m%dT%H%M%S"), "from": text(first), "to": text(behind),
            "instants": [text(at) for at in instants if first <= at < behind]}


def instant(naive, zone):
    """The first time it is shown; by the offset before, when it is left out."""
    return naive.replace(tzinfo=zone, fold=0).astimezone(datetime.timezone.utc)


def text(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class TooLong(Exception):
    """dateutil looks for the next instance as far as the year 9999."""


def give_up(*_):
    raise TooLong


def main():
    signal.signal(signal.SIGVTALRM, give_up)
    rng = random.Random(int(sys.argv[1]))
    wanted = int(sys.argv[2])
    while wanted > 0:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
        try:
            one = case(rng)
        except (ValueError, TooLong):  # a ValueError is a rule that "generates an empty set"
            continue
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if one:
            print(json.dumps(one))
            wanted -= 1


main()
