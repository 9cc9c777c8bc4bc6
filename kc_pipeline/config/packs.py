"""Who is followed: a pack, the folder `companies/<ID>/`, for each company, or a block of companies.toml.

The `*.toml` files of a pack together hold the keys of one company, each key in one file: the names of the files are
for people. `companies.toml` beside the folder may put some companies first and may hold whole companies as
`[[company]]` blocks.
"""

import difflib
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kc_pipeline.config.companies import Company, ConfigurationError
from kc_pipeline.config.declarations import Declared

PACKS = "companies"

M = TypeVar("M", bound=BaseModel)


class _List(Declared):
    first: tuple[str, ...] = ()
    company: tuple[dict[str, Any], ...] = ()


def load_companies(path: Path) -> dict[str, Company]:
    """Read companies.toml (`path`) and the packs in the folder `companies` beside it, those named in `first` first.

    Raises:
        ConfigurationError: with a line per fault: nothing is declared, a file is not TOML, or declares something
            unknown, malformed or twice.
    """
    sound, broken = load_sound(path)
    if broken:
        raise ConfigurationError("\n".join(line for lines in broken.values() for line in lines))
    return sound


def load_sound(path: Path) -> tuple[dict[str, Company], dict[str, list[str]]]:
    """Return the companies whose declarations can be used, and a line per fault of the others, by company.

    Faults of companies.toml itself have the key "companies.toml".

    Raises:
        ConfigurationError: if nothing is declared at all.
    """
    folders = pack_folders(path.parent)
    if not folders and not path.exists():
        raise ConfigurationError(
            f"{path}: not found; set KC_DATA to a folder that holds companies.toml or packs in {PACKS}/"
        )
    of_list: list[str] = []
    listed = _list(path, of_list)
    sound: dict[str, Company] = {}
    broken: dict[str, list[str]] = {}
    for number, block in enumerate(listed.company):
        company = validated(Company, block, of_list, _Places(path, f"company.{number}.", {}))
        if company is not None and sound.setdefault(company.id, company) is not company:
            of_list.append(f"{path}: company {company.id} is declared twice; remove one")
    for folder in folders:
        faults: list[str] = []
        company = read_pack(folder, faults)
        if company is not None and sound.setdefault(company.id, company) is not company:
            faults.append(f"{folder}: company {company.id} is declared twice; remove one")
        if faults:
            broken[folder.name] = faults
    of_list += [
        f"{path}: first: there is no company {i}; remove it, or add the folder {path.parent / PACKS / i}"
        for i in listed.first
        if i not in sound and i not in broken
    ]
    if of_list:
        broken[path.name] = of_list
    first = [i for i in listed.first if i in sound]
    return {i: sound[i] for i in dict.fromkeys((*first, *sound))}, broken


def pack_folders(data: Path) -> list[Path]:
    """Return the folders of the packs below a data folder, by name."""
    root = data / PACKS
    return sorted(p for p in root.iterdir() if p.is_dir() and p.name[0] not in "._") if root.is_dir() else []


def file_of(path: Path, company: str, key: str) -> Path:
    """Return the file in which a company's key stands, beside companies.toml (`path`), for messages."""
    folder = path.parent / PACKS / company
    if not folder.is_dir():
        return path
    for file in sorted(folder.glob("*.toml")):
        if key in (_toml(file, []) or {}):
            return file
    return folder / "company.toml"


def read_pack(folder: Path, faults: list[str]) -> Company | None:
    """Return the company of a pack; None where it cannot be used, with a line per fault added to `faults`."""
    raw: dict[str, Any] = {"id": folder.name}
    files: dict[str, Path] = {}
    sound = True
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        faults.append(
            f"{folder}: holds no .toml file; write company.toml with id, name and reporting_currency"
        )
        return None
    for path in paths:
        declared = _toml(path, faults)
        sound = sound and declared is not None
        for key, value in (declared or {}).items():
            if key in files:
                faults.append(f"{path}: {key}: stands in {files[key].name}, too; put all of it into one file")
                sound = False
                continue
            files[key], raw[key] = path, value
    if not sound:
        return None
    if raw["id"] != folder.name:
        faults.append(
            f"{files['id']}: id: {raw['id']!r} is not the name of the folder; write {folder.name!r}"
        )
        return None
    return validated(Company, raw, faults, _Places(folder / "company.toml", "", files))


class _Places:
    """Where a key stands: the file and what precedes it there."""

    def __init__(self, path: Path, prefix: str, files: dict[str, Path]) -> None:
        self.path, self.prefix, self.files = path, prefix, files

    def of(self, loc: Sequence[int | str]) -> str:
        """Return `file: key: ` of a fault; of a whole company `file: `."""
        path = self.files.get(str(loc[0]), self.path) if loc else self.path
        key = (self.prefix + ".".join(str(p) for p in loc)).rstrip(".")
        return f"{path}: {key}: " if key else f"{path}: "


def _list(path: Path, faults: list[str]) -> _List:
    raw = (_toml(path, faults) if path.exists() else None) or {}
    return validated(_List, raw, faults, _Places(path, "", {})) or _List()


def _toml(path: Path, faults: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{path}: not valid TOML: {error}")
        return None


def validated(model: type[M], raw: object, faults: list[str], places: _Places) -> M | None:
    """Return what was declared as a model; None with a line per fault added to `faults`."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults += [f"{places.of(e['loc'])}{_said(model, e)}" for e in error.errors(include_url=False)]
        return None


def _said(model: type[BaseModel], error: ErrorDetails) -> str:
    """Say what is wrong and what to do."""
    key, owner, description = _field(model, error["loc"])
    if error["type"] == "extra_forbidden":
        known = list(owner.model_fields)
        near = difflib.get_close_matches(key, known, 1)
        return f"no such key; {f'did you mean {near[0]}? T' if near else 't'}here are: {', '.join(known)}"
    if error["type"] == "missing":
        return f"is missing; write {description or 'it'}"
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    return f"{error['msg']}, not {error['input']!r}" + (f"; write {description}" if description else "")


def _field(model: type[BaseModel], loc: Sequence[int | str]) -> tuple[str, type[BaseModel], str | None]:
    """Return the innermost named key of a place, the model that it belongs to and what to write there."""
    key, owner, description = "", model, None
    at: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int) or at is None:
            continue
        key, owner = part, at
        field = at.model_fields.get(part)
        description = field.description if field else None
        at = next(_models(field.annotation), None) if field else None
    return key, owner, description


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models named in a type such as tuple[Segment, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
