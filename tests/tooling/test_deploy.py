"""What `deploy/` holds does what it says: systemd takes the units, their commands run, and the proxy keeps secrets."""

import datetime
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import kubernetes_validate
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.config.settings import Settings
from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from core.applications import attachment
from tests.docs.people import history_is_sealed, meanwhile
from tests.support.machines import patroni, product
from tests.support.machines.product import ROOT, free_port, sandbox_config
from tests.support.world import contact
from tests.tooling.processes import PATIENCE, is_there, until

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.*"))
INSTALLED = "/opt/kundportal/bin"
HERE = str(Path(sys.executable).parent)
HOST = "kundportal.example.se"
SBIN = f"{os.environ['PATH']}:/usr/sbin"
METRICS_TOKEN = "of-these-tests-and-of-nobody-else-but-them"
# In the lowest and the highest version that its manifests are for.
KUBERNETES = "1.30", "1.37"


# --- systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on PATH")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(INSTALLED, HERE), "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.glob("kundportal*"))]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    # What it says of the machine's own units is not ours.
    assert [line for line in told.stderr.splitlines() if "kundportal" in line] == []


def test_no_unit_gets_a_right_that_it_does_not_need_and_all_are_closed_alike() -> None:
    closed = list[list[str]]()
    for unit in UNITS:
        lines = unit.read_text("utf-8").splitlines()
        if unit.suffix == ".service":
            first = lines.index("NoNewPrivileges=yes")
            closed.append([line for line in lines[first:] if re.match(r"(?!WantedBy)\w+=", line)])
            assert {"User=kundportal", "UMask=0077"} < set(lines)
    first, *others = closed

    assert others == [first, first]
    assert {"CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes", "PrivateDevices=yes"} < set(first)
    assert "SystemCallFilter=@system-service" in first


def test_a_command_that_is_typed_runs_as_the_service_does() -> None:
    script = DEPLOY / "systemd" / "kundportal"
    words = shlex.split(script.read_text("utf-8").replace("\\\n", ""), comments=True)
    program = words.index(f"{INSTALLED}/kundportal")
    options = words[words.index("systemd-run") + 1 : program]
    service = (DEPLOY / "systemd" / "kundportal.service").read_text("utf-8").splitlines()
    as_whom = {option.removeprefix("--property=") for option in options if option.startswith("--property=")}

    assert os.access(script, os.X_OK)
    assert words[program + 1 :] == ["$@"]
    assert as_whom == {
        line for line in service if re.match(r"(User|Group|EnvironmentFile|WorkingDirectory|UMask)=", line)
    }
    if (systemd_run := shutil.which("systemd-run")) is not None:
        # It looks at its options first, and then says of which version it is.
        subprocess.run([systemd_run, *options, "--version"], check=True, capture_output=True)


@pytest.mark.slow
def test_the_command_of_each_unit_runs_and_behind_the_proxy_no_secret_is_logged(tmp_path: Path) -> None:
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("no nginx on PATH")
    with serve(create_app(sandbox_config("http://127.0.0.1:9/slack/events"))) as slack:
        port, env = free_port(), _settings(tmp_path, slack)
        env["PORT"] = str(port)
        assert _run("kundportal-migrate.service", tmp_path, env).returncode == 0
        with _started(_command("kundportal.service"), tmp_path, env) as server:
            until(lambda: is_there(f"http://127.0.0.1:{port}/healthz"), server)
            subprocess.run(["kundportal", "load", ROOT / "docs" / "example.yaml"], cwd=tmp_path, env=env, check=True)
            meanwhile(env["DATABASE_URL"], history_is_sealed)
            first, second = (_run("kundportal-verify.service", tmp_path, env) for _ in range(2))
            assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
            assert second.stdout.splitlines()[-1] == (tmp_path / "checkpoint").read_text("utf-8").strip()
            with _proxy(tmp_path, port) as (clear, secret):
                _look_through(clear, secret)
                server.send_signal(signal.SIGTERM)
                server.wait(PATIENCE)
                assert secret.get("/s/of-nobody-but-her").status_code == 502

    logs = {file.name: file.read_text("utf-8") for file in tmp_path.glob("logs/*")}
    assert "GET /s/- 404" in logs["kundportal.log"]
    assert "GET /slack/installed " in logs["kundportal.log"]
    assert "GET /s/- 502" in logs["kundportal.log"]
    assert [name for name, said in logs.items() if re.search("of-nobody|secret-word", said)] == []


def _look_through(clear: httpx.Client, secret: httpx.Client) -> None:
    """Do through the proxy what visitors, Slack and programs do."""
    answer = secret.get("/", headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"})
    assert (answer.status_code, "max-age=" in answer.headers["strict-transport-security"]) == (200, True)
    assert secret.get("/s/of-nobody-but-her").status_code == 404
    assert secret.get("/slack/installed?state=secret-word&code=secret-word").status_code == 404
    assert secret.post("/slack/events", content=b"{}").status_code == 401
    assert secret.post("/ansok", content=b"x" * 7_000_000).status_code == 413
    # Nor does whoever has the token read from outside what is counted.
    assert secret.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).status_code == 404
    # `about` is for whoever asks on the machine itself.
    assert "about" not in secret.get("/readyz").text
    for path, status in (("/", 301), ("/s/of-nobody-but-her", 301), ("/slack/events", 403), ("/api/v1/orders", 403)):
        assert clear.get(path).status_code == status


def _settings(folder: Path, slack: str) -> dict[str, str]:
    """What an operator has in /etc/kundportal/env."""
    return {
        "PATH": f"{HERE}:/usr/bin:/bin",
        "HOME": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'kundportal.db'}",
        "SLACK_API_URL": f"{slack}/api/",
        "SLACK_BOT_TOKEN": product.TOKEN,
        "SLACK_SIGNING_SECRET": product.SIGNING_SECRET,
        "SLACK_APP_ID": product.APP_ID,
        "SLACK_CHANNEL": product.CHANNEL,
        "PORTAL_URL": "https://portal.example.org",
        "PUBLIC_URL": f"https://{HOST}",
        "SECRET_KEY": product.SECRET_KEY,
        "METRICS_TOKEN": METRICS_TOKEN,
        "ENVIRONMENT": "test",
        **contact.ENVIRONMENT,
    }


def _command(unit: str) -> list[str]:
    """The command of a unit, with the program of these tests in the place of the installed one."""
    text = (DEPLOY / "systemd" / unit).read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    return shlex.split(command.replace(INSTALLED, HERE).replace("$$", "$"))


def _run(unit: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(unit), cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@contextmanager
def _started(command: list[str], folder: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def _proxy(folder: Path, port: int) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """The proxy with a certificate of its own; a visitor who comes in clear, and one who does not."""
    http, https = free_port(), free_port()
    (folder / "logs").mkdir()
    certificate = _certificate(folder)
    conf = (DEPLOY / "nginx" / "kundportal.conf").read_text("utf-8")
    for was, becomes in {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "/etc/ssl/kundportal": str(folder),
        "/var/log/nginx": str(folder / "logs"),
    }.items():
        assert was in conf
        conf = conf.replace(was, becomes)
    (folder / "kundportal.conf").write_text(conf, "utf-8")
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    whole = f"{user} daemon off; pid {folder}/pid; events {{}} http {{ {places} include {folder}/kundportal.conf; }}"
    (folder / "nginx.conf").write_text(whole, "utf-8")
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    command = [nginx, "-e", str(folder / "logs" / "start.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    asked = {"Host": HOST}
    with (
        _started(command, folder, os.environ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{http}", headers=asked, timeout=PATIENCE) as clear,
        httpx.Client(
            base_url=f"https://127.0.0.1:{https}", headers=asked, verify=certificate, timeout=PATIENCE
        ) as secret,
    ):
        until(lambda: is_there(f"http://127.0.0.1:{http}/"), process)
        yield clear, secret


def _certificate(folder: Path) -> ssl.SSLContext:
    """Write a certificate for a day, and its key; what believes in it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    believing = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    # The test asks by number.
    believing.check_hostname = False
    return believing


# --- PostgreSQL on three machines


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program, path=SBIN) is None, reason=f"no {program} on PATH")


@needs("haproxy")
def test_haproxy_takes_the_way_to_the_primary(tmp_path: Path) -> None:
    (tmp_path / "haproxy.cfg").write_text(patroni.balancing("127.0.0", tmp_path), "utf-8")

    told = subprocess.run(
        ["haproxy", "-c", "-f", tmp_path / "haproxy.cfg"],
        env={"PATH": SBIN},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr


@needs("patroni")
@pytest.mark.parametrize("number", [1, 3])
def test_patroni_takes_its_files_on_each_machine(number: int, tmp_path: Path) -> None:
    machine = patroni.Machine(tmp_path / "pg", patroni.own_network(), number)
    machine.set_up()
    with ExitStack() as listening:
        # It wants somebody there, where etcd is on each of the three.
        for each in (1, 2, 3):
            listening.enter_context(socket.create_server((f"{machine.network}.{each}", 2379)))
        told = machine.validated()

    assert told.returncode == 0, told.stdout + told.stderr


@needs("etcd")
@pytest.mark.parametrize("number", [1, 3])
def test_etcd_knows_what_it_is_told_and_each_machine_is_one_of_the_three(number: int, tmp_path: Path) -> None:
    machine = patroni.Machine(tmp_path / "pg", "192.0.2", number)
    machine.set_up()
    options = subprocess.run(["etcd", "--help"], capture_output=True, text=True, check=False)
    known = set(re.findall(r"^ +--([a-z-]+)", options.stdout + options.stderr, re.MULTILINE))

    told = machine.settings("etcd")

    assert {name.removeprefix("ETCD_").lower().replace("_", "-") for name in told} <= known
    here = f"{told['ETCD_NAME']}={told['ETCD_INITIAL_ADVERTISE_PEER_URLS']}"
    assert here == f"pg{number}=http://192.0.2.{number}:2380"
    assert here in told["ETCD_INITIAL_CLUSTER"].split(",")


def test_a_decision_counts_on_two_machines_and_only_one_that_has_them_all_takes_over() -> None:
    told = yaml.safe_load((DEPLOY / "patroni" / "config.yml").read_text("utf-8"))["bootstrap"]["dcs"]

    assert told["synchronous_mode"] is True
    assert told["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert told["ttl"] >= told["loop_wait"] + 2 * told["retry_timeout"]


# --- images


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_takes_the_manifests(version: str) -> None:
    kinds = list[str]()
    for file in sorted(DEPLOY.glob("kubernetes/*.yaml")):
        for manifest in yaml.safe_load_all(file.read_text("utf-8")):
            kubernetes_validate.validate(manifest, version, strict=True)
            kinds.append(manifest["kind"])

    assert kinds == ["Deployment", "PodDisruptionBudget", "Service", "Service", "Ingress", "Job"]


def test_the_ingress_leads_to_no_pod_at_what_is_counted() -> None:
    manifests = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "kundportal.yaml").read_text("utf-8")))
    (paths,) = (
        [each["http"]["paths"] for each in one["spec"]["rules"]] for one in manifests if one["kind"] == "Ingress"
    )
    led = {(path["path"], path["pathType"]): path["backend"]["service"]["name"] for path in paths[0]}
    pods = {one["metadata"]["name"]: one["spec"].get("selector") for one in manifests if one["kind"] == "Service"}

    assert led[("/metrics", "Exact")] != led[("/", "Prefix")]
    assert pods[led[("/metrics", "Exact")]] is None
    assert pods[led[("/", "Prefix")]] == {"app": "kundportal"}


def test_the_compose_file_is_one_by_the_schema() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    told = subprocess.run([*check, DEPLOY / "compose.yaml"], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout


def test_no_container_has_the_rights_of_root_and_none_fills_the_disk_with_its_log() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    logs = re.findall(r"^ *(?:access|error)_log (\S+)", (DEPLOY / "nginx" / "kundportal.conf").read_text("utf-8"), re.M)

    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert all("cap_add" not in services[name] for name in ("kundportal", "migrate"))
    # Nothing that nginx writes stays in a file that nobody rotates.
    assert {file for file in set(logs) if f" {file}" not in services["proxy"]["command"][2]} == set()


# What whoever runs this finds on no screen.
SAID = (
    ("deploying.md", "have each whole before it passes it on (nginx does, by `proxy_request_buffering`)"),
    ("deploying.md", "**Back to the release before.**"),
    ("deploying.md", "end the newer processes, start the earlier ones, and do not migrate"),
    ("operating.md", "User and password are written with percent-encoding"),
    ("playbook.md", "Whichever way it was off, nothing need be started anew"),
)


@pytest.mark.parametrize(("page", "words"), SAID)
def test_what_whoever_runs_it_must_know_stands_on_its_page(page: str, words: str) -> None:
    assert words in (ROOT / "docs" / page).read_text("utf-8")


def test_the_memory_and_the_room_for_files_are_those_that_the_page_names() -> None:
    manifests = yaml.safe_load_all((DEPLOY / "kubernetes" / "kundportal.yaml").read_text("utf-8"))
    (pod,) = (each["spec"]["template"]["spec"] for each in manifests if each["kind"] == "Deployment")
    memory = pod["containers"][0]["resources"]["limits"]["memory"].replace("Mi", " MB")
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")

    assert f"is given {memory}" in page
    assert "applications take at most a gigabyte" in page
    assert attachment.ROOM == 10**9


def test_the_proxy_has_each_body_whole_before_it_passes_it_on() -> None:
    told = (DEPLOY / "nginx" / "kundportal.conf").read_text("utf-8")

    assert re.findall(r"proxy_request_buffering +off", told) == []


def test_what_is_deployed_is_called_as_the_product_calls_it() -> None:
    pods = [
        each["spec"]["template"]["spec"]["containers"][0]
        for file in DEPLOY.glob("kubernetes/*.yaml")
        for each in yaml.safe_load_all(file.read_text("utf-8"))
        if "template" in each["spec"]
    ]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    names = {variable["name"] for pod in pods for variable in pod.get("env", ())}
    commands = [pod["command"] for pod in pods if "command" in pod] + [
        service["command"] for service in services.values() if service["image"] == "kundportal:latest"
    ]

    assert names <= {name.upper() for name in Settings.model_fields}
    assert {command[0] for command in commands} == {"kundportal"}
    assert {command[1] for command in commands} == {"migrate", "serve"}
