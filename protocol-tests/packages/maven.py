#!/usr/bin/env python3
"""The package for Java: built from its sources, installed into a Maven repository without any of ours, and used there by a project.

FAUXKA names the program that goes into its jar. What lacks Java or Maven is skipped with a line that says so; with CI=true it is a failure.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "clients"))
import fauxka  # noqa: E402
import toolchains  # noqa: E402

SOURCES = ROOT / "broker" / "packages" / "maven"
PROJECT, SPRING, KOTLIN = HERE / "maven", HERE / "maven-spring", HERE / "maven-kotlin"
PAGE = ROOT / "broker" / "docs" / "java.md"
WORK = ROOT / "target" / "packages" / "maven"
REPOSITORY = WORK / "repository"
SHOP = WORK / "shop"
# The first run fetches the plugins of Maven and the clients.
BUILD_SECONDS, TEST_SECONDS, GONE_SECONDS = 900, 300, 20
# A virtual machine that lives for seconds gains nothing from its second compiler.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# What a project gets with our jars.
OURS = re.compile(r"(fauxka-(junit5|core|binary)-\d|fauxka-spring-boot-\d|junit-|opentest4j-|apiguardian-|jspecify-)")
NORMAL = [(re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"), (re.compile(r"\b\d+\.\d+s\b"), "<time>"),
          (re.compile(r"\b\d+(\.\d+)? s\b"), "<time>"), (re.compile(r"\x1b\[[0-9;]*m"), "")]


def said(argv, cwd=WORK, seconds=TEST_SECONDS, **environment):
    """(exit status, all that it printed)"""
    done = subprocess.run(list(map(str, argv)), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=seconds, env={**os.environ, "MAVEN_OPTS": f"{os.environ.get('MAVEN_OPTS', '')} {SHORT_LIVED}", **environment})
    return done.returncode, done.stdout


def normal(text):
    for pattern, instead in NORMAL:
        text = pattern.sub(instead, text)
    return text


def maven(*words, cwd=SHOP, seconds=TEST_SECONDS):
    return said(["mvn", "-B", "-ntp", f"-Dmaven.repo.local={REPOSITORY}", f"-DargLine={SHORT_LIVED}", *words], cwd, seconds)


def class_path():
    jars = (WORK / "classpath").read_text().strip()
    return f"{SHOP / 'target' / 'test-classes'}{os.pathsep}{jars}"


def starts(*words, options=(), **environment):
    """What shop.Starts prints, in an environment without the variables of ours."""
    environment.setdefault("XDG_CACHE_HOME", str(WORK / "cache"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FAUXKA")}
    java = shutil.which("java")
    done = subprocess.run([java, *SHORT_LIVED.split(), *options, "-cp", class_path(), "shop.Starts", *map(str, words)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=TEST_SECONDS, env={**clean, **environment})
    return done.stdout.strip()


def expect(found, *parts):
    for part in parts:
        assert part in found, f"expected:\n{part}\nfound:\n{found}"


def generated(_log):
    """The checked-in types are those of the document."""
    folder = SOURCES / "fauxka-core" / "src" / "generated"
    before = {path: path.read_bytes() for path in folder.rglob("*.java")}
    status, printed = said([SOURCES / "generate"])
    assert status == 0, printed
    after = {path: path.read_bytes() for path in folder.rglob("*.java")}
    different = sorted(path.name for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    assert not different, f"commit what broker/packages/maven/generate writes: {', '.join(different)}"


def built(log):
    """The jars, with documentation without errors, in a repository that had none of ours."""
    shutil.rmtree(REPOSITORY / "io" / "github" / "fauxka", ignore_errors=True)
    sources = WORK / "sources"
    shutil.rmtree(sources, ignore_errors=True)
    # Maven writes its targets beside the poms: not into the checkout.
    shutil.copytree(SOURCES, sources / "broker" / "packages" / "maven", ignore=shutil.ignore_patterns("target", "__pycache__"))
    for name in ("Cargo.toml", "LICENSE-MIT", "LICENSE-APACHE"):
        shutil.copy(ROOT / name, sources)
    status, printed = said([sources / "broker" / "packages" / "maven" / "build", "--", f"-Dmaven.repo.local={REPOSITORY}", "-Pjavadoc", "install"],
                           seconds=BUILD_SECONDS, FAUXKA=str(fauxka.built()))
    log.write(printed)
    assert status == 0, printed[-3000:]
    for name in ("fauxka-core", "fauxka-junit5", "fauxka-spring-boot"):
        for kind in ("javadoc", "sources"):
            assert list((REPOSITORY / "io" / "github" / "fauxka" / name).rglob(f"*-{kind}.jar")), f"{name} has no {kind}"


def installed(log):
    """A project in an empty folder gets our jars and what JUnit needs, and nothing else."""
    shutil.rmtree(SHOP, ignore_errors=True)
    shutil.copytree(PROJECT, SHOP)
    status, printed = maven("test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={WORK / 'classpath'}", seconds=BUILD_SECONDS)
    log.write(printed)
    assert status == 0, printed[-3000:]
    names = [pathlib.Path(jar).name for jar in (WORK / "classpath").read_text().split(os.pathsep)]
    clients = re.compile(r"(kafka-clients|lz4-java|at\.yawk|snappy|zstd|slf4j)")
    strangers = [name for name in names if not OURS.match(name) and not clients.match(name)]
    assert not strangers, f"on the class path: {', '.join(strangers)}"
    for name in names:
        if name.startswith("fauxka-"):
            (jar,) = REPOSITORY.rglob(name)
            inside = [entry for entry in zipfile.ZipFile(jar).namelist() if entry.endswith(".class")]
            assert all(entry.startswith("io/github/fauxka/") for entry in inside), f"{name} has classes of others"


def tests(version, *words):
    """What all tests print with a version of JUnit."""
    status, printed = maven(*(words or ["test"]), f"-Djunit.version={version}", seconds=BUILD_SECONDS)
    assert status == 0 and re.search(r"Tests run: \d\d+, Failures: 0, Errors: 0, Skipped: 0", printed), printed[-6000:]
    return printed


def junit5(log):
    """The three tests with clients, tests in parallel, scopes, and the control port."""
    log.write(tests(re.search(r"<junit.version>(.*)</", (PROJECT / "pom.xml").read_text())[1]))


def junit5_oldest(log):
    log.write(tests("5.10.5", "surefire:test"))


def junit6(log):
    log.write(tests("6.1.3", "surefire:test"))


def misused(printed):
    expect(printed, "tests that run at the same time cannot share a cluster, since it is reset before each: leave out scope = Scope.CLASS",
           "@FauxkaCluster(scope = Scope.CLASS) belongs on a class, not on a method or parameter",
           '"offsets.retention.minutes" is no setting: write config = "name=value"',
           "for begins annotate the class with @FauxkaCluster(scope = Scope.CLASS)")
    assert "it was not refused" not in printed, printed


def failures(log):
    """What failed tests print, and those that the extension refuses."""
    status, printed = maven("surefire:test", "-Dtest=UnmetExample,MisuseExample*")
    log.write(printed)
    assert status != 0, "no test has failed"
    rule = '{"name":"lost answer","api":["Produce"],"topic":"orders","nth":2,"after_apply":["disconnect"],"expect":1}'
    expect(normal(printed),
           f"ExpectationError: \nfault rule 1 (lost answer): expected to act 1 times, acted 0 times on 1 requests: {rule}\nseed 7\nrules:\n"
           f"  fault rule 1 (lost answer), active: acted 0 times on 1 requests: {rule}\nthe journal ends with:\n  #1 <time> topic orders created",
           "AssertionFailedError: the order is wrong\n",
           "Suppressed: Fauxka's report\nseed 7\nthe journal ends with:\n  #1 <time> topic orders created with 1 partitions\n  #2 <time> Produce v",
           "ExpectationError: \nparameter here (127.0.0.1:<port>):\nfault rule 1 (here): expected to act 1 times, acted 0 times on 0 requests:",
           "no report: no answer to GET http://127.0.0.1:<port>/v1/report",
           "the program has ended with status 137\ncommand: ",
           "Tests run: 5, Failures: 4, Errors: 0, Skipped: 1")
    assert "parameter there" not in printed, printed
    misused(printed)


def fresh(project):
    folder = WORK / f"shop-{project.name}"
    shutil.rmtree(folder, ignore_errors=True)
    return shutil.copytree(project, folder)


def kotlin(log):
    status, printed = maven("test", cwd=fresh(KOTLIN), seconds=BUILD_SECONDS)
    log.write(printed)
    assert status == 0 and "Tests run: 2, Failures: 0, Errors: 0, Skipped: 0" in printed, printed[-6000:]


def spring(log, *words):
    """An application of Spring Boot 4 whose tests need no property."""
    status, printed = maven("test", "-Dtest=*Test,UnmetExample", *words, cwd=fresh(SPRING), seconds=BUILD_SECONDS)
    log.write(printed)
    rule = '{"name":"none","api":["Produce"],"observe":true,"expect":1}'
    expect(printed, f"ExpectationError: \nfault rule 1 (none): expected to act 1 times, acted 0 times on 0 requests: {rule}\nseed 7\nrules:",
           "java.lang.IllegalStateException: wrong\n", "Suppressed: Fauxka's report\nseed 7\n", "Tests run: 6, Failures: 1, Errors: 1, Skipped: 0")
    assert status != 0, "no test has failed"


def spring3(log):
    """The same with Spring Boot 3."""
    spring(log, "-Dboot.version=3.5.7", "-Dkafka.group=org.springframework.kafka", "-Dkafka.artifact=spring-kafka")


def broken(_log):
    """A binary that does not run, and a cluster that cannot start."""
    folder = WORK / "broken"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text, mode in (("plain", "x", 0o644), ("text", "not a program", 0o755), ("lacks", "#!/no/such/interpreter\n", 0o755),
                             ("exits", "#!/bin/sh\necho it broke >&2\nexit 7\n", 0o755),
                             ("prints", "#!/bin/sh\necho hello\nexec sleep 60\n", 0o755)):
        (folder / name).write_text(text)
        (folder / name).chmod(mode)
    expect(starts(folder / "none"), f"binary() says {folder / 'none'}, and there is no such file: name the fauxka program there")
    expect(starts(folder / "plain"), f"which is not executable: chmod +x {folder / 'plain'}")
    # Java hands what is no program to a shell, which then complains.
    expect(starts(folder / "text"), "the program ended with status 127 before its READY line", "not found")
    expect(starts(folder / "lacks"), f"cannot run {folder / 'lacks'}: ", "FAUXKA_BINARY can name another.")
    expect(starts(folder / "exits"), "the program ended with status 7 before its READY line\ncommand: ", "its log ends with:\n  it broke")
    expect(starts(folder / "prints"), "the program printed no READY line, but: hello\ncommand: ", "its log is empty")
    expect(starts("-", FAUXKA_BINARY=str(folder / "none")), f"FAUXKA_BINARY says {folder / 'none'}, and there is no such file")
    expect(starts("-", "--no-such-option"), "the program ended with status 2 before its READY line", "--no-such-option")
    with fauxka.running(WORK / "taken.log") as taken:
        expect(starts("-", "--listen", taken), "the program ended with status", taken, "in use")


def found(_log):
    """Where the binary comes from, in order."""
    real = str(fauxka.built())
    shutil.rmtree(WORK / "cache", ignore_errors=True)
    expect(starts("-"), f"runs {WORK / 'cache' / 'fauxka'}/0.")
    expect(starts("-", FAUXKA_BINARY=real), f"runs {os.path.realpath(real)}")
    # What somebody sets for a cluster that runs by hand is not for tests.
    expect(starts("-", FAUXKA_NODES="none"), "runs ")
    path = WORK / "path"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    strange = ["-Dos.arch=vax"]
    expect(starts("-", options=strange, PATH=str(path)), "there is no fauxka program for linux-vax. Tried:\n  FAUXKA_BINARY is not set\n"
           "  the class path has no io/github/fauxka/binary/linux-vax/fauxka\n  no folder of PATH has fauxka: ", "classifier linux-vax")
    expect(starts("-", options=strange, PATH=""), "  PATH is empty\n")
    (path / "fauxka").symlink_to(real)
    expect(starts("-", options=strange, PATH=str(path)), f"runs {os.path.realpath(real)}")


def unpacked(_log):
    """Homes that cannot be written, folders that let nothing run, and a damaged file."""
    file = WORK / "a-file"
    file.write_text("")
    folder = WORK / "temporary"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    elsewhere = [f"-Djava.io.tmpdir={folder}"]
    expect(starts("-", options=elsewhere, XDG_CACHE_HOME=str(file)), f"runs {folder}/fauxka-")
    assert not list(folder.iterdir()), "the program stays in the temporary folder"
    told = starts("-", options=[f"-Djava.io.tmpdir={file}"], XDG_CACHE_HOME=str(file))
    expect(told, "cannot unpack the fauxka program of jar:file:", f"{file}", "XDG_CACHE_HOME")
    assert len(re.findall(r"^  ", told, re.M)) == 2, told
    (program,) = (WORK / "cache" / "fauxka").glob("*/fauxka")
    whole = program.read_bytes()
    program.unlink()
    program.write_bytes(whole[:1000])
    program.chmod(0o755)
    expect(starts("-"), f"runs {program}")
    assert program.read_bytes() == whole, "the damaged program is still there"
    without_exec(folder)


def without_exec(folder):
    """A file system that lets nothing run, which only root can mount."""
    mounted = WORK / "noexec"
    mounted.mkdir(exist_ok=True)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec,size=64m", "tmpfs", mounted], stderr=subprocess.PIPE, text=True)
    if mount.returncode:
        assert toolchains.Missing.verdict == "skipped", f"no file system without exec: {mount.stderr}"
        print(f"SKIPPED noexec: {mount.stderr.strip()}", flush=True)
        return
    try:
        expect(starts("-", options=[f"-Djava.io.tmpdir={folder}"], XDG_CACHE_HOME=str(mounted)), f"runs {folder}/fauxka-")
        told = starts("-", options=[f"-Djava.io.tmpdir={mounted}"], XDG_CACHE_HOME=str(mounted))
        expect(told, f"  {mounted}/fauxka/0.", "Permission denied", f"  {mounted}/fauxka-")
    finally:
        subprocess.run(["umount", mounted], check=True)


def unpacked_at_once(_log):
    """Test runners that begin at the same time, with an empty cache."""
    cache = WORK / "cache-of-many"
    shutil.rmtree(cache, ignore_errors=True)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: starts("-", XDG_CACHE_HOME=str(cache)), range(6)))
    for line in told:
        expect(line, f"runs {cache}/fauxka/0.")
    left = [path.name for path in cache.glob("fauxka/*/*")]
    assert left == ["fauxka"], left


def killed(_log):
    """No broker outlives a test runner that is killed."""
    runner = subprocess.Popen(["java", "-cp", class_path(), "shop.Starts", "--live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "XDG_CACHE_HOME": str(WORK / "cache")})
    try:
        pid = int(runner.stdout.readline().split()[1])
        os.kill(pid, 0)
    finally:
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    end = time.monotonic() + GONE_SECONDS
    while is_running(pid):
        assert time.monotonic() < end, f"process {pid} outlives the test runner"
        time.sleep(0.05)


def is_running(pid):
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def shown(_log):
    """The page shows the project's files as they are, and what they print."""
    page = PAGE.read_text()
    blocks = re.findall(r"<!-- file: (\S+) -->\n```\S+\n((?:(?!```).*\n)*)```\n", page)
    assert blocks, "no page shows a file"
    for name, block in blocks:
        assert (ROOT / name).read_text() == block, f"java.md shows another {name}"
    log = normal((WORK / "junit5.log").read_text()) + normal((WORK / "failures.log").read_text())
    for block in re.findall(r"<!-- output: maven -->\n```text\n(.*?)```\n", page, re.S):
        for line in normal(block).splitlines():
            assert line in log, f"java.md shows, and nothing printed:\n{line}"


CHECKS = [generated, built, installed, junit5, junit5_oldest, junit6, failures, kotlin, spring, spring3, broken, found, unpacked,
          unpacked_at_once, killed, shown]


def verdict(check):
    log, began = WORK / f"{check.__name__}.log", time.monotonic()
    try:
        with open(log, "w") as out:
            check(out)
    except (AssertionError, OSError, subprocess.SubprocessError, ValueError) as error:
        with open(log, "a") as out:
            out.write(f"{error}\n")
        print(f"FAILED  maven {check.__name__}: {str(error)[:600]}, see {log}", flush=True)
        return False
    print(f"ok      maven {check.__name__} {time.monotonic() - began:.1f}s", flush=True)
    return True


def main():
    try:
        toolchains.need("java", "javac", "mvn")
    except toolchains.Missing as missing:
        print(f"{missing.word} maven: {missing}")
        sys.exit(missing.verdict == "failed")
    WORK.mkdir(parents=True, exist_ok=True)
    chosen = [check for check in CHECKS if not sys.argv[1:] or check.__name__ in sys.argv[1:]]
    verdicts = [verdict(check) for check in chosen]
    print(f"maven: {verdicts.count(True)} passed, {verdicts.count(False)} failed")
    sys.exit(not all(verdicts) or not verdicts)


if __name__ == "__main__":
    main()
