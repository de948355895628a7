"""Files that a user names: special ones are written to, regular ones replaced as a whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vrefactor.errors import OUTPUT_UNWRITABLE, VrefactorError
from vrefactor.source.output import write_file

OLD, NEW = b"old\n", b"new content\n"


def test_a_new_file(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_file(tmp_path / "out", NEW)
    finally:
        os.umask(umask)
    assert (tmp_path / "out").read_bytes() == NEW
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["out"]


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(OLD)
    out.chmod(0o604)
    inode = out.stat().st_ino
    write_file(out, NEW)
    assert out.read_bytes() == NEW
    assert stat.S_IMODE(out.stat().st_mode) == 0o604
    assert out.stat().st_ino != inode
    assert os.listdir(tmp_path) == ["out"]


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(OLD)
    (tmp_path / "out").symlink_to("real")
    write_file(tmp_path / "out", NEW)
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real").read_bytes() == NEW


def test_a_planted_link_of_a_temporary_name_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    for name in (".out.new", ".out", "out.new"):
        (tmp_path / name).symlink_to(victim)
    write_file(tmp_path / "out", NEW)
    assert victim.read_bytes() == OLD
    assert (tmp_path / "out").read_bytes() == NEW


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    null = tmp_path / "null"
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        null.write_bytes(b"")
    except OSError:
        pytest.skip("no device can be made here")
    write_file(null, NEW)
    assert stat.S_ISCHR(null.stat().st_mode)
    assert os.listdir(tmp_path) == ["null"]


def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    write_file(fifo, NEW)
    reader.join()
    assert read == [NEW]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1"])
def test_its_own_output_goes_on_where_it_is(tmp_path: Path, name: str) -> None:
    if not os.path.exists(name):
        pytest.skip(f"there is no {name}")
    script = (
        "import os, sys; from pathlib import Path; from vrefactor.source.output import write_file;"
        "os.write(1, b'first, '); write_file(Path(sys.argv[1]), b'second, '); os.write(1, b'third')"
    )
    out = tmp_path / "out"
    with out.open("wb") as file:
        subprocess.run([sys.executable, "-c", script, name], stdout=file, check=True)
    assert out.read_bytes() == b"first, second, third"
    done = subprocess.run([sys.executable, "-c", script, name], stdout=subprocess.PIPE, check=True)
    assert done.stdout == b"first, second, third"


UNWRITABLE = {
    "a folder": ".",
    "no folder": "there/is/none",
    "a file for a folder": "file/out",
    "a full device": "/dev/full",
    "a NUL": "a\0b",
    "a long name": "x" * 300,
}


@pytest.mark.parametrize("name", UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_cannot_be_written_is_one_error(tmp_path: Path, name: str) -> None:
    if name.startswith("/") and not os.path.exists(name):
        pytest.skip(f"there is no {name}")
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(VrefactorError) as caught:
        write_file(tmp_path / name, NEW)
    assert caught.value.kind is OUTPUT_UNWRITABLE
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == OLD


def test_nothing_is_left_of_a_write_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_bytes(OLD)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(VrefactorError, match="No space left"):
        write_file(tmp_path / "out", NEW)
    assert os.listdir(tmp_path) == ["out"]
    assert (tmp_path / "out").read_bytes() == OLD
