"""`kc company`: begin a company's pack, or check one."""

import sys

import click

from kc_pipeline.cli.common import company_id, settings
from kc_pipeline.cli.errors import BAD_USAGE, UsageError
from kc_pipeline.cli.terminal import echo


@click.group()
def company() -> None:
    """Begin a company's pack (data/companies/<ID>), or check one."""


@company.command()
@click.argument("id_", metavar="ID")
@click.option("--name", help="The registered name.")
@click.option("--currency", metavar="USD", help="The currency of its statements.")
@click.option("--cik", help="The number at EDGAR, where it has one.")
@click.option("--fiscal-year-end", metavar="--03-31", help="Where it is not December 31.")
def new(
    id_: str, name: str | None, currency: str | None, cik: str | None, fiscal_year_end: str | None
) -> None:
    """Write the pack of a new company ID, with a word on everything that can be added."""
    from kc_pipeline.config.packs import PACKS, read_pack
    from kc_pipeline.config.skeleton import skeleton
    from kc_pipeline.store.files import write_whole

    at = settings()
    folder = at.data / PACKS / id_
    if folder.exists():
        raise UsageError(f"{folder} is there already; edit it, or choose another id")
    name = name or _asked("registered name", "--name")
    currency = currency or _asked("currency of its statements (USD)", "--currency")
    if cik is not None:
        if not (cik.isascii() and cik.isdecimal() and len(cik) <= 10):
            raise UsageError(f"--cik {cik}: at most ten digits, such as 1045810")
        cik = cik.zfill(10)
    text = skeleton(id_, name, currency.upper(), cik=cik, fiscal_year_end=fiscal_year_end)
    faults: list[str] = []
    if not _would_be_sound(id_, text, faults):
        raise UsageError("; ".join(faults))
    write_whole(folder / "company.toml", text.encode())
    assert read_pack(folder, faults) is not None, faults
    echo(f"wrote {folder / 'company.toml'}: add segments and the like there, then `kc company check {id_}`")


def _asked(what: str, option: str) -> str:
    """Ask for what is missing, where there is somebody to ask."""
    if not sys.stdin.isatty():
        raise UsageError(f"the {what} is missing; give {option}")
    answer: str = click.prompt(f"The {what}")
    return answer


def _would_be_sound(id_: str, text: str, faults: list[str]) -> bool:
    """Say whether a pack of this text could be read, before anything is written where it counts."""
    import tempfile
    from pathlib import Path

    from kc_pipeline.config.packs import read_pack

    if Path(id_).name != id_ or id_[:1] in "._":
        faults.append(f"ID {id_!r}: letters, digits and . _ -, beginning with a letter or digit")
        return False
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / id_
        trial.mkdir()
        (trial / "company.toml").write_text(text, encoding="utf-8")
        found: list[str] = []
        sound = read_pack(trial, found) is not None
        faults += [f.removeprefix(f"{trial / 'company.toml'}: ") for f in found]
    return sound


@company.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def check(ids: tuple[str, ...]) -> None:
    """Check packs: every fault with file, key and what to write. Without ID all of them.

    Exit status: 0 sound; 2 not.
    """
    from kc_pipeline.config import Company
    from kc_pipeline.config.packs import load_sound
    from kc_pipeline.pipeline.packs import faults

    at = settings()
    companies, broken = load_sound(at.companies_file)
    known = [*companies, *broken]
    wanted = [company_id(known, i) for i in ids] or known
    for i in wanted:
        if i not in known:
            raise UsageError(f"there is no company {i}; there are: {', '.join(known) or 'none'}")
    told = [line for i in wanted for line in broken.get(i, ())]
    told += faults(companies, at.companies_file, [i for i in wanted if i in companies])
    for line in told:
        echo(line)
    if told:
        sys.exit(BAD_USAGE)
    for i in wanted:
        c: Company = companies[i]
        parts = (
            "segments",
            "counterparties",
            "concepts",
            "amounts",
            "ratios",
            "synonyms",
            "phrases",
            "headlines",
        )
        counted = [f"{len(getattr(c, part))} {part}" for part in parts if getattr(c, part)]
        echo(f"{i}: sound" + (f"; {', '.join(counted)}" if counted else ""))
