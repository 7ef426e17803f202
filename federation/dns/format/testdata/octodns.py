"""Reads octoDNS zone files, a document each, and prints their records as JSON: [host, record].

The rules of a TXT value are octoDNS's: no semicolon without a backslash before it, a value that
begins with a quote loses one at each end, and '" "' is dropped."""
import json, re, sys
import yaml

class Strict(yaml.SafeLoader):
    """Wants the keys of every mapping in order and once, as octoDNS does."""
    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        if not all(isinstance(key, str) for key in keys) or keys != sorted(set(keys)):
            raise ValueError("keys out of order, twice or no text: %r" % keys)
        return super().construct_mapping(node, deep)

zones = []
for document in yaml.load_all(sys.stdin.buffer, Strict):
    records = []
    for host, entries in document.items():
        for entry in entries:
            if entry["type"] == "TXT":
                for value in entry["values"]:
                    if re.search(r"(?<!\\);", value):
                        raise ValueError("a bare semicolon: " + value)
                    if not value or not value.isascii():
                        raise ValueError("refused: " + value)
                entry["values"] = [(v[1:-1] if v[0] == '"' else v).replace('" "', "").replace("\\;", ";") for v in entry["values"]]
            records.append([host, entry])
    zones.append(records)
json.dump(zones, sys.stdout)
