import errno
import json
import multiprocessing
import os
import subprocess
from pathlib import Path

import pytest

from kc_pipeline.config import Settings
from kc_pipeline.warehouse.history import open_kept, published_build
from kc_pipeline.warehouse.publish import (
    STEPS,
    PublishError,
    new_build,
    publish,
)
from kc_pipeline_tests.warehouse.publishing import (
    HELPER,
    child,
    expected_files,
    files_in,
    fill,
    publish_and_die,
    publish_marker,
    published_marker,
    settings_in,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.mark.parametrize("step", ["build", *STEPS])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_file(
    settings: Settings, tmp_path: Path, step: str
) -> None:
    first = publish_marker(settings, 1)
    before = settings.warehouse.read_bytes()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([HELPER])
    killed = context.Process(target=publish_and_die, args=(str(tmp_path), "2", step))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -9
    replaced = STEPS.index(step) > STEPS.index("replace") if step in STEPS else False
    if replaced:
        assert published_marker(settings) == 2
    else:
        assert settings.warehouse.read_bytes() == before
        assert published_build(settings) == first.build_id
    second = published_build(settings)
    third = publish_marker(settings, 3)
    assert published_marker(settings) == 3
    ids = [first.build_id, third.build_id] + ([second] if replaced and second else [])
    assert files_in(settings) == expected_files(*ids)
    for build_id in ids:
        open_kept(settings, build_id).close()


@pytest.mark.parametrize("step", STEPS[: STEPS.index("replace") + 1])
def test_an_error_at_any_step_leaves_the_published_file_as_it_was(settings: Settings, step: str) -> None:
    publish_marker(settings, 1)
    before, files = settings.warehouse.read_bytes(), files_in(settings)

    def full(name: str) -> None:
        if name == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with new_build(settings) as build:
        fill(build, 2)
        with pytest.raises(PublishError, match=r"No space left.*untouched") as raised:
            publish(build, settings, on_step=full)
    assert "\n" not in str(raised.value)
    assert settings.warehouse.read_bytes() == before
    assert files_in(settings) == files
    publish_marker(settings, 3)
    assert published_marker(settings) == 3


@pytest.mark.parametrize("step", ["fsync_folder", "record"])
def test_an_error_after_the_replace_is_remarked_upon_and_put_right_later(
    settings: Settings, step: str
) -> None:
    def fail(name: str) -> None:
        if name == step:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with new_build(settings) as build:
        fill(build, 1)
        published = publish(build, settings, on_step=fail)
    assert len(published.remarks) == 1
    assert published_marker(settings) == 1
    second = publish_marker(settings, 2)
    assert files_in(settings) == expected_files(published.build_id, second.build_id)


def test_a_full_disk_leaves_the_published_file_as_it_was(settings: Settings, tmp_path: Path) -> None:
    publish_marker(settings, 1)
    before, files = settings.warehouse.read_bytes(), files_in(settings)
    size = settings.warehouse.stat().st_size
    out, err = child("write_with_file_limit", str(tmp_path), "2", str(size + 300_000)).communicate(timeout=60)
    name, message = json.loads(out)
    assert name == "PublishError", (message, err)
    assert "untouched" in message
    assert "\n" not in message
    assert settings.warehouse.read_bytes() == before
    assert files_in(settings) == files
    publish_marker(settings, 3)
    assert published_marker(settings) == 3


def test_a_really_full_disk(tmp_path: Path) -> None:
    """The same on a file system of 8 MB; needs the right to mount one."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("may not mount a small file system here")
    try:
        settings = settings_in(small)
        publish_marker(settings, 1)
        before, files = settings.warehouse.read_bytes(), files_in(settings)
        with pytest.raises(PublishError, match="untouched"):
            publish_marker(settings, 2, rows=900_000)
        assert settings.warehouse.read_bytes() == before
        assert files_in(settings) == files
        publish_marker(settings, 3)
        assert published_marker(settings) == 3
    finally:
        subprocess.run(["umount", str(small)], check=True)
