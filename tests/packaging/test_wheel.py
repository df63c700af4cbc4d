"""The wheel holds everything, and runs from an empty folder without the checkout."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.running import running


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    outcome = subprocess.run(command, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.parametrize("folder", ["templates", "static", "migrations"])
def test_wheel_holds_the_folder(wheel: Path, folder: str) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    assert files
    wanted = {f"programme_tracker/_{folder}/{path.relative_to(ROOT / folder)}" for path in files}
    assert wanted - packed == set()


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"programme_tracker"}


def test_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(home, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(home)}))
    zipfile.ZipFile(wheel).extractall(site)
    # What the lock installs is lent from this environment, behind the wheel, but not the checkout
    # itself: a path file in a lent folder is not read.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    code = "from programme_tracker.cli import main; main()"
    program = [str(home / "bin" / "python"), "-P", "-c", code]
    where = subprocess.run(
        [*program[:2], "-c", "import programme_tracker; print(programme_tracker.__file__)"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
    with running(program, empty) as product:
        assert product.page()[0] == 200
        assert product.press_ctrl_c() == 0
    assert (empty / "instance" / "programme_tracker.sqlite3").exists()
