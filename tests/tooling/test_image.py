"""The image can be built: the context that the ignore file gives holds what the steps take, and they do their work.

No container engine runs where these tests run, so the steps of the Dockerfile run here, below a folder of their own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import translate
from pathlib import Path, PurePosixPath

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from tests.tooling.at_run_time import PROJECT, at_run_time
from tests.tooling.locked import ROOT
from tests.tooling.processes import INSTALLING
from tests.tooling.sbom import license_of, sbom
from tests.tooling.test_wheel import outside, told

CYCLONEDX = ROOT / "tests" / "tooling" / "cyclonedx"
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")
Step = tuple[str, str]


def steps() -> list[list[Step]]:
    """The instructions of each stage of the Dockerfile; before the first stage, those of none."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE))
    stages: list[list[Step]] = [[]]
    for line in filter(None, map(str.strip, text.splitlines())):
        word, said = line.split(maxsplit=1)
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, said))
    return stages


def is_ignored(path: PurePosixPath, rules: list[str]) -> bool:
    """As Docker reads its ignore file: the last rule that fits a path, or a folder around it, says."""
    ignored = False
    around = [path, *list(path.parents)[:-1]]
    for rule in rules:
        pattern = _pattern(rule.removeprefix("!").strip("/"))
        if any(pattern.fullmatch(str(each)) for each in around):
            ignored = not rule.startswith("!")
    return ignored


def _pattern(rule: str) -> re.Pattern[str]:
    # A star stays inside a folder, two cross them, at the beginning none as well.
    parts = re.split(r"(\*\*/?)", rule)
    made = "".join(
        "(?:.*/)?" if part == "**/" else ".*" if part == "**" else translate(part)[4:-3].replace(".*", "[^/]*")
        for part in parts
    )
    return re.compile(made)


def rules() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Docker would be sent of this tree."""
    folder = tmp_path_factory.mktemp("context")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not is_ignored(PurePosixPath(name), rules()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("path", "written", "ignored"),
    [
        ("a", ["*"], True),
        ("a/b", ["*"], True),
        ("a/b", ["*", "!a"], False),
        ("a/b", ["*", "!a", "a/b"], True),
        ("ab", ["*", "!a"], True),
        ("a/b/c.pyc", ["**/*.pyc"], True),
        ("c.pyc", ["**/*.pyc"], True),
        ("a/c.pyc", ["*.pyc"], False),
        ("a/__pycache__/c", ["*", "!a", "**/__pycache__"], True),
    ],
)
def test_the_ignore_file_is_read_as_docker_reads_it(path: str, written: list[str], ignored: bool) -> None:
    assert is_ignored(PurePosixPath(path), written) is ignored


def test_the_context_holds_what_the_image_is_made_of_and_nothing_that_is_not_for_it(context: Path) -> None:
    sent = {each.name for each in context.iterdir()}
    taken = [said.split()[:-1] for stage in steps() for word, said in stage if word == "COPY" and "--from" not in said]

    assert {name for names in taken for name in names} == sent


def test_secrets_and_databases_of_a_checkout_are_not_sent() -> None:
    left = (
        ".env",
        "kundportal.db",
        "kundportal.db-wal",
        ".git/config",
        "core/__pycache__/api.pyc",
        "tests/support/world/seed.py",
    )

    assert [name for name in left if not is_ignored(PurePosixPath(name), rules())] == []


def test_the_base_is_one_argument_for_all_stages_so_that_a_digest_pins_it() -> None:
    none, *stages = steps()

    assert [said.split("=")[0] for word, said in none if word == "ARG"] == ["BASE"]
    assert [stage[0][1].split()[0] for stage in stages] == ["${BASE}"] * len(stages)
    assert "--build-arg BASE=" in SECURITY


@pytest.fixture(scope="module")
def image(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of what the first stage makes, by the Dockerfile's own commands."""
    root = tmp_path_factory.mktemp("image")
    base = root / "base"
    subprocess.run([sys.executable, "-m", "venv", base], check=True)
    env = outside() | told() | {"PATH": f"{base}/bin:{os.environ['PATH']}"}
    at = root
    for word, said in steps()[1]:
        if word == "ENV":
            # Whatever was downloaded for the other tests will do.
            env |= dict(each.split("=", 1) for each in said.split() if not each.startswith("UV_NO_CACHE"))
        elif word == "WORKDIR":
            at = root / said.strip("/")
            at.mkdir(parents=True)
        elif word == "COPY":
            *names, to = said.split()
            for name in names:
                _copy(context / name, at / to, is_folder=to.endswith("/"))
        elif word == "RUN":
            command = said.replace("/opt/kundportal", f"{root}/opt/kundportal")
            subprocess.run(["sh", "-ec", command], cwd=at, env=env, check=True)
    return root


def _copy(source: Path, to: Path, *, is_folder: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, to)
    else:
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, to / source.name if is_folder else to)


@pytest.mark.slow
# Everything is installed anew.
@pytest.mark.timeout(INSTALLING)
def test_the_steps_of_the_image_make_a_product_that_runs(image: Path) -> None:
    command = image / "opt" / "kundportal" / "bin" / "kundportal"
    run = {"cwd": image, "check": True, "capture_output": True, "text": True, "env": {"PATH": os.defpath}}
    version = subprocess.run([command, "--version"], **run).stdout
    manifest = subprocess.run([command, "manifest", "--url", "https://kundportal.example.se"], **run).stdout

    assert PROJECT["version"] in version
    assert "https://kundportal.example.se/slack/events" in manifest


@pytest.mark.slow
# Everything is installed anew.
@pytest.mark.timeout(INSTALLING)
def test_what_the_image_starts_is_there(image: Path) -> None:
    (start,) = [json.loads(said) for word, said in steps()[-1] if word == "CMD"]
    words = [image / "opt" / "kundportal" / "bin" / start[0], *start[1:], "--help"]
    told = subprocess.run(words, check=True, capture_output=True, text=True, env={"PATH": os.defpath})

    assert "--host" in told.stdout


def test_every_part_under_the_lesser_licence_has_its_notice() -> None:
    lesser = {line.split("==")[0] for line in at_run_time() if "LGPL" in license_of(re.split(r"[\[=]", line)[0])}
    notices = {line.split("|")[1].strip() for line in SECURITY.splitlines() if re.match(r"\| [\w-]+ \| LGPL", line)}

    assert lesser == notices != set()


def test_the_list_of_parts_names_every_package_that_is_installed_with_the_product() -> None:
    document = json.loads(json.dumps(sbom()))
    parts = document["components"]

    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert [part["purl"].split("/")[1].replace("@", "==") for part in parts] == [
        re.sub(r"\[.*\]", "", re.split(r"[ ;]", line)[0]) for line in at_run_time()
    ]
    assert all(part["properties"] for part in parts)
    assert len({part["bom-ref"] for part in parts}) == len(parts)


def refusals(document: object) -> list[str]:
    """What the schema of CycloneDX does not allow of a document of the version that ours names."""
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in CYCLONEDX.glob("*.json")}
    beside = [(f"http://cyclonedx.org/schema/{name}", Resource.from_contents(said)) for name, said in schemas.items()]
    schema = schemas[f"bom-{sbom()['specVersion']}.SNAPSHOT.schema.json"]
    validator = Draft7Validator(schema, registry=Registry().with_resources(beside))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_the_list_of_parts_is_what_the_schema_of_its_version_allows() -> None:
    document = json.loads(json.dumps(sbom()))
    misspelt = json.loads(json.dumps(document).replace('"library"', '"libary"', 1).replace('"MIT"', '"MIT License"', 1))

    assert refusals(document) == []
    assert {said.split(":")[0] for said in refusals(misspelt)} == {
        "$.metadata.component.licenses",
        "$.components[0].type",
    }
