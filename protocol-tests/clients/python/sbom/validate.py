"""Holds bills of materials against CycloneDX's own schema, and has its library read them."""
import json
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def faults(text):
    return JsonStrictValidator(SchemaVersion.V1_5).validate_str(text, all_errors=True) or ()


for path in sys.argv[1:]:
    with open(path) as file:
        text = file.read()
    found = [str(fault) for fault in faults(text)]
    assert not found, f"{path}:\n" + "\n".join(found)
    bill = Bom.from_json(json.loads(text))
    # Whatever depends or is depended on is in it.
    assert bill.validate(), path
    broken = json.loads(text)
    del broken["components"][0]["name"]
    assert list(faults(json.dumps(broken))), "this would not find out"
    print(f"ok      {path}: {len(bill.components)} components")
