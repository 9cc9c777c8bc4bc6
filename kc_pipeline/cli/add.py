"""`kc add`: a document into the inbox, with the manifest that it makes possible."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kc_pipeline.cli.common import company_id, settings
from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.terminal import echo
from kc_pipeline.config import Company, following, load_companies
from kc_pipeline.config.companies import words

if TYPE_CHECKING:
    from kc_pipeline.pipeline.adding import Said

TYPES = ("release", "report", "call_transcript", "article")
KINDS = ("original", "transcript")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--company", "company_", metavar="ID", required=True, help="The company whose document it is.")
@click.option("--form", metavar="6-K", help="EDGAR's form type, where the document does not say.")
@click.option("--type", "type_", type=click.Choice(TYPES), help="What the document is.")
@click.option("--kind", type=click.Choice(KINDS), help="The issuer's own paper, or laid out by hand from it.")
@click.option("--filing-date", metavar="2025-05-28", help="The day of the filing.")
@click.option("--period", metavar="2025-03-31", help="The last day of the newest period, where none is read.")
@click.option("--accession", help="EDGAR's accession number.")
@click.option("--url", help="The address of the filing.")
@click.option("--exhibit", metavar="99.1", help="The exhibit's number.")
@click.option("--name", "folder", help="The name of the filing's folder.")
def add(
    file: Path,
    company_: str,
    form: str | None,
    type_: str | None,
    kind: str | None,
    filing_date: str | None,
    period: str | None,
    accession: str | None,
    url: str | None,
    exhibit: str | None,
    folder: str | None,
) -> None:
    """Put FILE into the inbox with a manifest: from what the document says, and else from what you say.

    What neither says is asked for at a terminal; otherwise nothing is written and the message names it.
    """
    from kc_pipeline.extraction import read
    from kc_pipeline.pipeline.adding import folder_name, said_by, there_already, write_filing
    from kc_pipeline.sources.manifest import ManifestError

    at = settings()
    known = load_companies(at.companies_file)
    company = known.get(company_id(known, company_))
    if company is None:
        raise UsageError(f"there is no company {company_}; there are: {', '.join(known)}")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    with following([company]):
        found = read(data)
    if not found.opening:
        told = "; ".join(w.message for w in found.warnings) or "nothing was read in it"
        raise UsageError(f"{file}: {told}")
    _is_its_own(file, company, found.opening)
    said = said_by(found, date.today())
    same = there_already(at.filings, company.id, said.sha256)
    if same is not None:
        raise UsageError(f"{file}: is in the inbox already, as {same}")
    asked = _Asked(file, said)
    form = asked.for_("form", "--form 6-K", form or said.form)
    type_ = asked.for_("type", f"--type {'|'.join(TYPES)}", type_ or said.type, TYPES)
    kind = asked.for_("kind", f"--kind {'|'.join(KINDS)}", kind, KINDS)
    filed = asked.for_("filing date", "--filing-date 2025-05-28", filing_date)
    ended = asked.for_(
        "period of report",
        "--period 2025-03-31",
        period or (said.period_of_report.isoformat() if said.period_of_report else None),
    )
    asked.done()
    document = {"file": file.name, "type": type_, "kind": kind, "exhibit": exhibit, "url": None}
    manifest: dict[str, Any] = {
        "company": company.id,
        "form": form,
        "accession": accession,
        "url": url,
        "filing_date": filed,
        "filing_date_precision": "day",
        "accepted_at": None,
        "period_of_report": ended,
        "documents": [document],
    }
    try:
        name = folder or folder_name(date.fromisoformat(ended), type_)
        if Path(name).name != name or name[:1] == ".":
            raise UsageError(f"--name {name}: wants the plain name of a folder")
        into = at.filings / company.id / name
        write_filing(into, file, manifest)
    except ManifestError as error:
        raise UsageError(f"{file}: {error}") from None
    except ValueError:
        raise UsageError(f"--period {ended}: wants a day such as 2025-03-31") from None
    except FileExistsError as error:
        raise UsageError(f"{error}; give another --name") from None
    echo(f"wrote {into}")
    echo(f"  title             {said.title}")
    echo(f"  form, type, kind  {form}, {type_}, {kind}")
    echo(f"  filed, period     {filed}, to {ended}")
    echo(f"  sha256            {said.sha256}")


def _is_its_own(file: Path, company: Company, opening: str) -> None:
    """Refuse a document that does not name the company at its beginning: it would be kept out."""
    if company.called and company.first_named(f" {words(opening)} ") is None:
        called = ", ".join(f"“{n}”" for n in company.called)
        raise UsageError(
            f"{file}: names none of {called} at its beginning; if it is {company.id}'s under another name, add that "
            'name to its pack: aliases = ["..."]'
        )


class _Asked:
    """Asks for what is not known at a terminal; elsewhere gathers it for one message."""

    def __init__(self, file: Path, said: "Said") -> None:
        self.file = file
        self.dates = said.dates
        self.missing: list[str] = []
        self.prompt: Callable[..., str] | None = click.prompt if sys.stdin.isatty() else None

    def for_(self, what: str, option: str, value: str | None, among: tuple[str, ...] | None = None) -> str:
        """Return the value, or the answer to the question for it; "" where there is nobody to ask."""
        if value is not None:
            return value
        if self.prompt is None:
            self.missing.append(f"{what} ({option})")
            return ""
        hint = f" (it names {self._named()})" if what == "filing date" and self.dates else ""
        return self.prompt(f"The {what}{hint}", type=click.Choice(among) if among else str)

    def _named(self) -> str:
        return ", ".join(d.isoformat() for d in self.dates[:4])

    def done(self) -> None:
        """Raise UsageError where something is still missing."""
        if self.missing:
            dates = f"; its beginning names {self._named()}" if self.dates else ""
            raise UsageError(
                f"{self.file}: does not say its {', '.join(self.missing)}{dates}; nothing was written"
            )
