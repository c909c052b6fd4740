#!/usr/bin/env python3
"""Checks the control port's OpenAPI document with a validator, generates a TypeScript and a Python client from it, and uses
each against the built broker.

What lacks its toolchain is skipped with a line that says so; with CI=true it is a failure.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import urllib.request

import fauxka
import toolchains

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "broker" / "docs" / "openapi.json"
CACHE = ROOT / "target" / "clients"
SECONDS = 300


def run(argv, cwd, log):
    subprocess.run(list(map(str, argv)), cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True, timeout=SECONDS)


def fresh(name):
    """An empty folder for what is generated."""
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def served(_folder, log):
    """The document is the one that a running cluster serves, and that the program prints."""
    with fauxka.started(CACHE / "openapi-served-broker.log", "--control", "127.0.0.1:0") as ready:
        with urllib.request.urlopen(ready["control"] + "/v1/openapi.json") as answer:
            served = json.load(answer)
    printed = json.loads(subprocess.check_output([fauxka.built(), "openapi"], text=True))
    assert served == printed == json.loads(DOCUMENT.read_text()), "run make build first?"
    log.write("the same\n")


def validated(_folder, log):
    python = toolchains.python_openapi(CACHE) / "bin"
    run([python / "openapi-spec-validator", "--schema", "detect", DOCUMENT], HERE, log)


def typescript(folder, log):
    installed = toolchains.node(CACHE, "openapi")
    programs = installed / "node_modules" / ".bin"
    for name in ("use.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / "node" / "openapi" / name, folder)
    (folder / "node_modules").symlink_to(installed / "node_modules")
    run([programs / "openapi-typescript", DOCUMENT, "--output", "generated.ts"], folder, log)
    run([programs / "tsc", "--project", "."], folder, log)
    with fauxka.started(CACHE / "openapi-typescript-broker.log", "--control", "127.0.0.1:0") as ready:
        run(["node", "built/use.js", ready["control"]], folder, log)


def python(folder, log):
    programs = toolchains.python_openapi(CACHE) / "bin"
    config = folder / "config.yml"
    config.write_text("package_name_override: fauxka_client\npost_hooks: []\n"
                      "content_type_overrides:\n  application/gzip: application/octet-stream\n")
    run([programs / "openapi-python-client", "generate", "--path", DOCUMENT, "--meta", "none", "--config", config,
         "--output-path", folder / "fauxka_client", "--fail-on-warning"], folder, log)
    run([programs / "python", "-m", "compileall", "-q", folder / "fauxka_client"], folder, log)
    shutil.copy(HERE / "python" / "openapi" / "use.py", folder)
    with fauxka.started(CACHE / "openapi-python-broker.log", "--control", "127.0.0.1:0") as ready:
        run([programs / "python", "-B", "use.py", ready["control"]], folder, log)


def verdict(check):
    name = f"openapi-{check.__name__}"
    CACHE.mkdir(parents=True, exist_ok=True)
    log = CACHE / f"{name}.log"
    try:
        with open(log, "w") as out:
            check(fresh(f"{name}-generated"), out)
    except toolchains.Missing as missing:
        print(f"{missing.word} {name}: {missing}", flush=True)
        return missing.verdict
    except (subprocess.SubprocessError, AssertionError) as error:
        print(f"FAILED  {name}: {error}, see {log}\n{log.read_text()[-3000:]}", flush=True)
        return "failed"
    print(f"ok      {name}", flush=True)
    return "passed"


def main():
    verdicts = [verdict(check) for check in (served, validated, typescript, python)]
    counts = [f"{verdicts.count(word)} {word}" for word in ("passed", "failed", "skipped")]
    print(f"openapi: {', '.join(counts)}")
    return 1 if "failed" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
