"""A registry for npm with the packages that a folder holds, on loopback, for as long as a `with` block runs."""
import base64
import contextlib
import hashlib
import http.server
import json
import threading
import urllib.parse


def described(manifest, folder, url):
    """What a registry says of a package."""
    archive = folder / f"{manifest['name'].lstrip('@').replace('/', '-')}-{manifest['version']}.tgz"
    digest = hashlib.sha512(archive.read_bytes()).digest()
    dist = {"tarball": f"{url}archives/{archive.name}", "integrity": f"sha512-{base64.b64encode(digest).decode()}"}
    version = manifest["version"]
    return {"name": manifest["name"], "dist-tags": {"latest": version}, "versions": {version: {**manifest, "dist": dist}}}


def handler(folder):
    manifests = {manifest["name"]: manifest for manifest in json.loads((folder / "platforms.json").read_text())}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            path = urllib.parse.unquote(self.path).lstrip("/")
            url = f"http://127.0.0.1:{self.server.server_address[1]}/"
            archive = folder / path.removeprefix("archives/")
            if path in manifests:
                self.answer(200, json.dumps(described(manifests[path], folder, url)).encode(), "application/json")
            elif path.startswith("archives/") and archive.parent == folder and archive.exists():
                self.answer(200, archive.read_bytes(), "application/octet-stream")
            else:
                self.answer(404, b"{}", "application/json")

        def answer(self, status, body, kind):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """npm's own log says what it asked for."""

    return Handler


@contextlib.contextmanager
def serving(folder):
    """The registry's address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
