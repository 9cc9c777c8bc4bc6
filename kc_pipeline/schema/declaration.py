"""Column and table as declared, and what is generated from them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

AMOUNT = "DECIMAL(38,8)"
RATIO = "DECIMAL(38,10)"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: name, DuckDB type, meaning; `required` columns are NOT NULL."""

    name: str
    type: str
    comment: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A published relation: `room.name`, its grain, its columns and its key (unique columns)."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    is_view: bool = False

    @property
    def qualified(self) -> str:
        """The name in SQL: ``core.facts``."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def ddl(table: Table) -> str:
    """Return CREATE TABLE and COMMENT statements (for a view: the comments only)."""
    out = []
    if not table.is_view:
        columns = ",\n  ".join(f"{c.name} {c.type}{' NOT NULL' if c.required else ''}" for c in table.columns)
        out.append(f"CREATE TABLE {table.qualified} (\n  {columns}\n);")
    kind = "VIEW" if table.is_view else "TABLE"
    out.append(f"COMMENT ON {kind} {table.qualified} IS {_quoted(table.comment)};")
    out.extend(
        f"COMMENT ON COLUMN {table.qualified}.{c.name} IS {_quoted(c.comment)};" for c in table.columns
    )
    return "\n".join(out)


def _arrow_type(duck: str) -> Any:
    import pyarrow as pa

    simple = {
        "VARCHAR": pa.string(),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "SMALLINT": pa.int16(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "DOUBLE": pa.float64(),
        "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    }
    if duck in simple:
        return simple[duck]
    if duck.endswith("[]"):
        return pa.list_(_arrow_type(duck[:-2]))
    if duck.startswith("DECIMAL("):
        width, scale = duck[8:-1].split(",")
        return pa.decimal128(int(width), int(scale))
    raise ValueError(f"no Arrow type declared for {duck}")


def arrow_schema(table: Table) -> "pa.Schema":
    """Return the Arrow schema in which rows for this table are handed over."""
    import pyarrow as pa

    return pa.schema([pa.field(c.name, _arrow_type(c.type), nullable=not c.required) for c in table.columns])


def reference_markdown(tables: tuple[Table, ...]) -> str:
    """Return the table reference for the docs."""
    out = []
    for t in tables:
        key = ", ".join(f"`{k}`" for k in t.key)
        out += [f"### `{t.qualified}`", "", t.comment, "", f"Unique by {key}." if key else "", ""]
        out += ["| column | type | meaning |", "| --- | --- | --- |"]
        out += [f"| `{c.name}` | {c.type} | {c.comment.replace('|', '&#124;')} |" for c in t.columns]
        out.append("")
    return "\n".join(line for line in out)
