#!/usr/bin/env python3
"""Builds the container image and runs what is in it as a container would, without a daemon: its files alone below the root, its
user, its variables and its command. FAUXKA names the static program.

What is not checked here needs a container runtime: mapped ports and the network between containers.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "protocol-tests" / "clients"))

import fauxka  # noqa: E402
import toolchains  # noqa: E402
import wire  # noqa: E402

OUT = ROOT / "target" / "packages" / "image"
SECONDS = 20


def blob(digest):
    return OUT / "oci" / "blobs" / digest.replace(":", "/")


def image():
    """The configuration and the layer of the only image in the layout."""
    index = json.loads((OUT / "oci" / "index.json").read_text())
    (described,) = index["manifests"]
    manifest = json.loads(blob(described["digest"]).read_text())
    (layer,) = manifest["layers"]
    return described, json.loads(blob(manifest["config"]["digest"]).read_text()), blob(layer["digest"])


def built():
    subprocess.run([ROOT / "broker" / "packages" / "image" / "build", OUT], check=True, timeout=300)
    return {path.relative_to(OUT): hashlib.sha256(path.read_bytes()).hexdigest() for path in OUT.rglob("*") if path.is_file()}


def same_bytes_each_time():
    assert built() == built(), "two builds differ"


def says_what_it_is():
    described, config, _ = image()
    assert described["platform"]["os"] == "linux", described
    settings = config["config"]
    assert settings["User"].split(":")[0] not in ("", "0", "root"), settings
    assert settings["Entrypoint"] == ["/fauxka"], settings
    docker = (ROOT / "broker" / "packages" / "image" / "Dockerfile").read_text()
    name, value = settings["Env"][0].split("=", 1)
    for line in (f'ENV {name}="{value}"', f"USER {settings['User']}", f'CMD {json.dumps(settings["Healthcheck"]["Test"][1:])}'):
        assert line in docker, f"the Dockerfile lacks {line}"


def unpacked():
    root = OUT / "root"
    shutil.rmtree(root, ignore_errors=True)
    with tarfile.open(image()[2]) as layer:
        layer.extractall(root, filter="fully_trusted")
    return root


def inside(root, config, *arguments, **variables):
    """The command that runs the program in the image's own files, as its user."""
    command = ["chroot", f"--userspec={config['User']}", root, *config["Entrypoint"], *arguments]
    own = dict(one.split("=", 1) for one in config["Env"])
    # Two tests on one machine cannot have one port. A listener with TLS makes certificates in the temporary folder.
    listeners = own["FAUXKA_LISTENER"].replace(":9092", ":0").replace(":29092", ":0") + ",SSL://127.0.0.1:0"
    return command, {"PATH": os.environ["PATH"], **own, "FAUXKA_LISTENER": listeners, **variables}


@contextlib.contextmanager
def running(root, config, *arguments):
    command, environment = inside(root, config, "--control", "127.0.0.1:0", *arguments)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield fauxka.ready_line(process)
        finally:
            process.terminate()


def is_healthy(root, config, control):
    command, environment = inside(root, config, *config["Healthcheck"]["Test"][2:], FAUXKA_CONTROL=control)
    return subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS, check=False).returncode == 0


def told(address):
    """Which host Metadata names to who connects there."""
    with wire.connect(address) as sock:
        answer = wire.call(sock, wire.METADATA, wire.METADATA_VERSION, struct.pack(">i", 0) + b"\1")
    (length,) = struct.unpack_from(">h", answer, 12)
    return answer[14:14 + length].decode()


def runs_as_nobody_in_its_own_files():
    root, config = unpacked(), image()[1]["config"]
    with running(root, config, "--tls", "--topic", "orders") as ready:
        assert is_healthy(root, config, ready["control"])
        outside, inner = ready["bootstrap.OUTSIDE"], ready["bootstrap.INSIDE"]
        assert told(outside) == "localhost", outside
        assert told("127.0.0.1:" + inner.rsplit(":", 1)[1]) == "127.0.0.1", inner
        control = ready["control"]
    assert not is_healthy(root, config, control)


def verdict(check):
    name = f"image-{check.__name__.replace('_', '-')}"
    try:
        check()
    except toolchains.Missing as missing:
        print(f"{missing.word} {name}: {missing}", flush=True)
        return missing.verdict
    except (subprocess.SubprocessError, OSError, AssertionError, SystemExit) as error:
        print(f"FAILED  {name}: {error}", flush=True)
        return "failed"
    print(f"ok      {name}", flush=True)
    return "passed"


def main():
    try:
        toolchains.need("go")
        if os.geteuid() != 0:
            raise toolchains.Missing("only root can change the root folder")
    except toolchains.Missing as missing:
        print(f"{missing.word} image: {missing}")
        return missing.verdict == "failed"
    verdicts = [verdict(check) for check in (same_bytes_each_time, says_what_it_is, runs_as_nobody_in_its_own_files)]
    return "failed" in verdicts


if __name__ == "__main__":
    sys.exit(main())
