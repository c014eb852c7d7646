"""Prints what the product is made of, as a CycloneDX document: each package it runs on, version, hash and licence.

Those of extras that are named are among them.
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata

from tests.tooling.at_run_time import PROJECT, at_run_time

HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# Where the words of a package's own are none that a reader of such documents knows.
LICENSE_OF = {"LGPL": "LGPL-2.1-or-later"}


def sbom(*extras: str) -> dict[str, object]:
    """The document; the same for the same lock, so it holds no time and no number of its own."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "kundportal",
                "name": "kundportal",
                "version": PROJECT["version"],
                "licenses": [{"license": {"id": PROJECT["license"]}}],
            }
        },
        "components": [_component(line) for line in at_run_time(*extras)],
    }


def license_of(name: str) -> str:
    """What a package says of its licence; empty for one that only another machine installs."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    # Some put the whole text there.
    first = (said["License-Expression"] or said["License"] or "").strip().split("\n")[0]
    classified = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or () if each.startswith("License")]
    return LICENSE_OF.get(first, first) or ", ".join(classified)


def _component(line: str) -> dict[str, object]:
    name, version = re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==([^\s;]+)", line).groups()  # type: ignore[union-attr]
    where = f"pkg:pypi/{name}@{version}"
    component = {"type": "library", "bom-ref": where, "name": name, "version": version, "purl": where}
    # One hash for each file that there is of it: which of them is installed depends on the machine.
    component["properties"] = [{"name": "kundportal:sha256", "value": each} for each in HASH.findall(line)]
    if said := license_of(name):
        component["licenses"] = [{"license": {"name": said}}]
    return component


if __name__ == "__main__":
    print(json.dumps(sbom(*sys.argv[1:]), indent=2))  # noqa: T201 - this is what it is for
