import hashlib
import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kc_pipeline.sources import FoundDocument, discover
from kc_pipeline.store import DamagedObjectError, Store, StoredDocument, prefer_originals
from kc_pipeline.store.files import write_whole
from kc_pipeline_tests.sources.test_local import COMPANIES, HTML, filing
from kc_pipeline_tests.sources.test_manifest import manifest

OTHER = HTML.replace(b"1,970,025", b"1,970,026")


def found_in(root: Path) -> list[FoundDocument]:
    return discover(root / "filings", COMPANIES, max_bytes=10_000).found


def put(root: Path) -> StoredDocument:
    (found,) = found_in(root)
    return Store(root / "store").put(found)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_is_stored_can_be_read_and_carries_its_manifest(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release", accession="0001104659-25-053312")
    stored = put(tmp_path)
    assert stored.sha256 == hashlib.sha256(HTML).hexdigest()
    assert Store(tmp_path / "store").read(stored.sha256) == HTML
    assert (stored.document_id, stored.filing_id) == ("KC/2025Q1-release/release", "KC/2025Q1-release")
    assert (stored.accession, stored.form, stored.exhibit) == ("0001104659-25-053312", "6-K", "99.1")
    assert (stored.kind, stored.type, stored.quarter) == ("transcript", "release", "2025Q1")
    assert stored.path == "filings/KC/2025Q1-release/release.htm"
    assert (stored.size, stored.seq) == (len(HTML), 1)


def test_bytes_lie_under_their_hash_and_are_read_only(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    sha = put(tmp_path).sha256
    path = tmp_path / "store" / "objects" / sha[:2] / sha
    assert path == Store(tmp_path / "store").path_of(sha)
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_storing_again_changes_nothing(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    first = put(tmp_path)
    before = files_below(tmp_path / "store")
    assert put(tmp_path) == first
    assert files_below(tmp_path / "store") == before


def test_changed_bytes_are_current_and_the_old_ones_stay(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    first = put(tmp_path)
    (folder / "release.htm").write_bytes(OTHER)
    second = put(tmp_path)
    store = Store(tmp_path / "store")
    assert [e.sha256 for e in store.entries()] == [first.sha256, second.sha256]
    assert [e.sha256 for e in store.current()] == [second.sha256]
    assert store.read(first.sha256) == HTML
    assert store.read(second.sha256) == OTHER


def test_restored_bytes_are_current_again_and_keep_their_first_time(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    first = put(tmp_path)
    (record,) = (tmp_path / "store" / "records").rglob("*.json")
    long_ago = datetime(2025, 5, 28, 12, tzinfo=UTC)
    damage(record, entry(first, stored_at=long_ago).model_dump_json().encode())
    (folder / "release.htm").write_bytes(OTHER)
    assert put(tmp_path).stored_at > long_ago
    (folder / "release.htm").write_bytes(HTML)
    third = put(tmp_path)
    assert (third.sha256, third.seq, third.stored_at) == (first.sha256, 3, long_ago)
    assert Store(tmp_path / "store").current(["KC/2025Q1-release/release"]) == [third]
    assert put(tmp_path) == third


def test_a_changed_manifest_is_a_new_record_of_the_same_bytes(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    first = put(tmp_path)
    (folder / "manifest.json").write_text(json.dumps(manifest(filing_date="2025-05-29")))
    second = put(tmp_path)
    assert (second.sha256, second.stored_at) == (first.sha256, first.stored_at)
    assert [str(e.filing_date) for e in Store(tmp_path / "store").current()] == ["2025-05-29"]


def test_what_left_the_inbox_stays_current(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    first = put(tmp_path)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert found_in(tmp_path) == []
    assert Store(tmp_path / "store").current() == [first]


def test_in_use_is_what_the_inbox_holds_and_what_came_another_way(tmp_path: Path) -> None:
    for name in ("2024Q4-release", "2025Q1-release", "2025Q2-release"):
        filing(tmp_path, name, filing_date="2025-09-01")
    store = Store(tmp_path / "store")
    gone, kept, fetched = found_in(tmp_path)
    for document in (gone, kept, replace(fetched, source="edgar")):
        store.put(document)
    assert [r.document_id for r in store.in_use([kept])] == [kept.document_id, fetched.document_id]
    assert len(store.current()) == 3


def test_current_names_only_what_is_asked_for(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    filing(tmp_path, "2025Q1-release", company="GDS")
    store = Store(tmp_path / "store")
    for found in found_in(tmp_path):
        store.put(found)
    names = [e.document_id for e in store.current()]
    assert names == ["GDS/2025Q1-release/release", "KC/2025Q1-release/release"]
    assert [e.document_id for e in store.current([names[1], "KC/none/release"])] == names[1:]


def test_two_documents_with_the_same_bytes_share_them(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    filing(tmp_path, "2025Q1-release", company="GDS")
    store = Store(tmp_path / "store")
    assert len({store.put(found).sha256 for found in found_in(tmp_path)}) == 1
    assert len([p for p in (tmp_path / "store" / "objects").rglob("*") if p.is_file()]) == 1


def damage(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_damaged_bytes_are_never_read(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    sha = put(tmp_path).sha256
    store = Store(tmp_path / "store")
    damage(store.path_of(sha), OTHER)
    with pytest.raises(DamagedObjectError, match="damaged"):
        store.read(sha)
    store.path_of(sha).unlink()
    with pytest.raises(DamagedObjectError, match="cannot be read"):
        store.read(sha)
    put(tmp_path)
    assert store.read(sha) == HTML


def test_cut_off_bytes_are_put_right_where_the_inbox_still_has_them(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    sha = put(tmp_path).sha256
    store = Store(tmp_path / "store")
    damage(store.path_of(sha), HTML[:10])
    put(tmp_path)
    assert store.read(sha) == HTML


@pytest.mark.parametrize("change", [lambda d: b"{", lambda d: d.replace(b'"seq": 1', b'"seq": 7')])
def test_a_damaged_record_costs_itself_only_and_is_put_aside(tmp_path: Path, change: Any) -> None:
    filing(tmp_path, "2025Q1-release")
    filing(tmp_path, "2025Q2-release")
    for found in found_in(tmp_path):
        first = Store(tmp_path / "store").put(found)
    (record,) = (tmp_path / "store" / "records" / first.document_id).glob("*.json")
    damage(record, change(record.read_bytes()))
    store = Store(tmp_path / "store")
    assert [d.document_id for d in store.current()] == ["KC/2025Q1-release/release"]
    assert len(store.entries()) == 1
    assert store.put_aside() == ["KC/2025Q2-release/release"]
    assert [str(record) in said and "put aside" in said for said in store.mended] == [True]
    again = [Store(tmp_path / "store").put(found) for found in found_in(tmp_path)][-1]
    assert (again.document_id, again.seq, again.sha256) == (first.document_id, 1, first.sha256)
    assert Store(tmp_path / "store").put_aside() == []


def test_a_damaged_newest_record_of_several_is_written_again(tmp_path: Path) -> None:
    folder = filing(tmp_path, "2025Q1-release")
    put(tmp_path)
    (folder / "release.htm").write_bytes(OTHER)
    newest = put(tmp_path)
    record = next((tmp_path / "store" / "records").rglob("000002-*.json"))
    damage(record, b"")
    assert put(tmp_path).model_dump(exclude={"stored_at"}) == newest.model_dump(exclude={"stored_at"})


def test_damage_of_the_same_size_is_put_right_and_said(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    sha = put(tmp_path).sha256
    store = Store(tmp_path / "store")
    damage(store.path_of(sha), OTHER)
    (found,) = found_in(tmp_path)
    store.put(found)
    assert store.read(sha) == HTML
    assert [str(store.path_of(sha)) in said for said in store.mended] == [True]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filing(tmp_path, "2025Q1-release")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put(tmp_path)
    assert files_below(tmp_path / "store") == {}
    monkeypatch.undo()
    assert Store(tmp_path / "store").read(put(tmp_path).sha256) == HTML


def test_a_name_that_is_taken_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert write_whole(path, b"first", replace=False)
    assert not write_whole(path, b"second", replace=False)
    assert path.read_bytes() == b"first"
    assert write_whole(path, b"third")
    assert files_below(tmp_path) == {"a/b": b"third"}


def entry(stored: StoredDocument, **changes: Any) -> StoredDocument:
    return stored.model_copy(update=changes)


def test_an_original_takes_the_place_of_its_transcript(tmp_path: Path) -> None:
    filing(tmp_path, "2025Q1-release")
    transcript = put(tmp_path)
    original = entry(transcript, document_id="KC/o/release", kind="original", transcript_of=None)
    assert prefer_originals([transcript]) == ([transcript], [])
    assert prefer_originals([transcript, original]) == ([original], [transcript])
    amended = entry(original, form="6-K/A")
    assert prefer_originals([amended, transcript, original]) == ([amended, original], [transcript])


@pytest.mark.parametrize(
    "changes",
    [
        {"company": "GDS"},
        {"type": "call_transcript"},
        {"form": "20-F"},
        {"period_of_report": "2024-12-31"},
        {"kind": "transcript"},
    ],
)
def test_an_original_of_something_else_supersedes_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    filing(tmp_path, "2025Q1-release")
    transcript = put(tmp_path)
    other = entry(transcript, **{"document_id": "KC/o/release", "kind": "original", **changes})
    assert prefer_originals([transcript, other]) == ([transcript, other], [])
