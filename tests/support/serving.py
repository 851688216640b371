"""Serving: real servers that a shared remote is reached through, each started on the loopback for one test run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_START = 10.0
"""Seconds within which a server has to answer."""
USER, PASSWORD = "ada", "a secret"


def program(name: str) -> str:
    """Where a program is; without it the test is skipped, and in CI it fails."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        message = f"{name} is not installed; on Debian: apt-get install openssh-server lighttpd gnupg"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def over_ssh(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a folder through `sshd`, in front of a repository's path; git is given the key to it."""
    sshd, port, home = program("sshd"), _free_port(), folder / "ssh"
    home.mkdir()
    for name in ("host", "key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)]
        subprocess.run(command, check=True, capture_output=True)
    shutil.copy(home / "key.pub", home / "authorized")
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": home / "host",
        "AuthorizedKeysFile": home / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "UseDNS": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "yes",
        "MaxStartups": 200,
    }
    (home / "config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where the daemon, as root, leaves its rights behind
    options = f"-i {home / 'key'} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    with _running([sshd, "-D", "-e", "-f", str(home / "config")], port, home / "log"):
        patch.setenv("GIT_SSH_COMMAND", f"ssh {options} -o BatchMode=yes")
        yield f"ssh://{getuser()}@127.0.0.1:{port}{folder}"


@contextmanager
def over_http(folder: Path) -> Iterator[str]:
    """The address of a folder through lighttpd and `git http-backend`, with basic authentication."""
    lighttpd, port, home = program("lighttpd"), _free_port(), folder / "http"
    home.mkdir()
    (home / "users").write_text(f"{USER}:{PASSWORD}\n")
    backend = Path(subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip())
    (home / "config").write_text(f"""
server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_setenv", "mod_cgi")
server.document-root = "{home}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{home}/errors"
auth.backend = "plain"
auth.backend.plain.userfile = "{home}/users"
auth.require = ("/git/" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
alias.url = ("/git" => "{backend}/git-http-backend")
$HTTP["url"] =~ "^/git" {{
    cgi.assign = ("" => "")
    setenv.add-environment = ("GIT_PROJECT_ROOT" => "{folder}", "GIT_HTTP_EXPORT_ALL" => "", "HOME" => "{home}")
}}
""")
    (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    with _running([lighttpd, "-D", "-f", str(home / "config")], port, home / "log"):
        yield f"http://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/git"


@contextmanager
def over_git(folder: Path) -> Iterator[str]:
    """The address of a folder through git's own daemon, which asks nobody who they are."""
    port = _free_port()
    command = ["git", "daemon", "--export-all", "--enable=receive-pack", "--reuseaddr", "--listen=127.0.0.1"]
    with _running([*command, f"--port={port}", f"--base-path={folder}", str(folder)], port, folder / "daemon-log"):
        yield f"git://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as server:
        try:
            _wait_for(port, server, log)
            yield
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    import time

    give_up = time.monotonic() + LONGEST_START
    while time.monotonic() < give_up and server.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail(f"{server.args!r} does not answer: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
