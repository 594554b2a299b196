"""Every setting of a node: typed, described, read from the environment (prefix ``VARDE_``).

``docs/guide/settings.md`` is generated from this class; a test fails when the two differ.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_FILE = "secret.key"  # noqa: S105 - a file name


class Configuration(BaseSettings):
    """Settings of one node."""

    model_config = SettingsConfigDict(env_prefix="VARDE_", extra="ignore")

    data: Path = Field(
        default=Path("var"),
        description="Folder for everything the node stores: database, uploads, counts, references, static files.",
    )
    demo: bool = Field(
        default=False,
        description="Synthetic demo country: its seeding, sign-in by one click with accounts everybody knows, a banner "
        "on every page. `make demo` sets it. Never true where a real person is entered.",
    )
    debug: bool = Field(default=False, description="Django's debug pages. Never true where real data are.")
    secret_key: str | None = Field(
        default=None,
        description="Key that signs sessions. When empty, one is made at the first start and kept in the data folder.",
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description="Host names the node answers to, separated by commas.",
    )
    https: bool = Field(
        default=False,
        description="The node stands behind TLS: cookies go over HTTPS only, and browsers are told so for a year.",
    )
    database_url: str | None = Field(
        default=None,
        description="postgresql://user:password@host:port/name. When empty, SQLite in the data folder is used.",
    )
    language: Literal["nb", "nn", "en"] = Field(
        default="nb", description="Language for a visitor who has chosen none and whose browser names none of ours."
    )
    time_zone: str = Field(default="Europe/Oslo", description="Time zone in which times are shown.")
    upload_limit_bytes: int = Field(
        default=10 * 1024**3,
        gt=0,
        description="Largest request body; a larger one is refused with 413 before it is stored.",
    )
    job_mode: Literal["queue", "immediate"] = Field(
        default="queue",
        description="Where long work runs: in worker processes, or at once in the same process (scripts, tests).",
    )
    job_workers: int = Field(default=1, ge=1, le=64, description="Worker processes that the launcher starts.")
    job_heartbeat_limit_s: int = Field(
        default=60, ge=10, description="Seconds without a sign of life after which a running job is taken to be lost."
    )
    web_host: str = Field(default="127.0.0.1", description="Address the launcher listens on.")
    web_port: int = Field(default=8000, ge=1, le=65535, description="Port the launcher listens on.")
    web_workers: int = Field(default=1, ge=1, le=64, description="Web server processes that the launcher starts.")
    hashed_static: bool = Field(
        default=True,
        description="Serve static files under names that carry their checksum, compressed, cached for ever.",
    )
    session_hours: int = Field(default=10, ge=1, le=24, description="Hours after which a person must sign in again.")
    oidc_name: str = Field(default="OpenID Connect", description="Name of the sign-in provider on the sign-in page.")
    oidc_server_url: str | None = Field(
        default=None, description="Issuer of the OpenID Connect provider. When empty, only local accounts can sign in."
    )
    oidc_client_id: str | None = Field(default=None, description="The node's client identifier at the provider.")
    oidc_client_secret: str | None = Field(default=None, description="The node's client secret at the provider.")
    accessibility_statement_url: str | None = Field(
        default=None,
        description="Address of the accessibility statement (in Norway at uustatus.no), linked from every page.",
    )
    references: Path | None = Field(
        default=None,
        description="Folder of the reference store (FASTA, GFF3). When empty: references in the data folder.",
    )
    reference: str = Field(
        default="demo", description="Name, in the reference store, of the reference that files are analysed with."
    )
    gene_knowledge: Path | None = Field(
        default=None,
        description="Table of what is known of each gene (TSV). When empty: knowledge/genes.tsv in the data folder; "
        "without that file, inheritance and mechanism of genes are not evaluated.",
    )
    structural_tables: Path | None = Field(
        default=None,
        description="Folder with the tables for structural variants and repeats (dosage, regions, frequencies, "
        "hi_index, repeat_loci). When empty: knowledge/structural in the data folder; what a missing table would "
        "tell is not evaluated.",
    )
    phenotype_names: Path | None = Field(
        default=None,
        description="Names of phenotype terms in other languages (TSV: term, language, label). When empty: "
        "knowledge/phenotype-names.tsv in the data folder; without that file, terms are named in English but for the "
        "most used ones.",
    )
    clinvar_sharing: bool = Field(
        default=False, description="Whether the laboratory has decided to share its signed classes with ClinVar."
    )
    coverage_minimum: int = Field(
        default=20,
        ge=1,
        description="Reads below which a base of a coding exon is in a gap.",
    )
    coverage_before: int = Field(
        default=10,
        ge=0,
        description="Bases before a coding exon, in the direction of the transcript, that belong to it in coverage.",
    )
    coverage_after: int = Field(
        default=10,
        ge=0,
        description="Bases after a coding exon that belong to it in coverage.",
    )
    matchmaker_contact: str = Field(
        default="",
        description="Where other hospitals write about a shared profile, an address beginning with mailto: or https:. "
        "When empty, no profile can be shared with the Matchmaker Exchange.",
    )
    pipeline_inbox: Path | None = Field(
        default=None,
        description="Folder in which the sequencers leave reads (FASTQ, BAM, CRAM), named after the tubes. When empty: "
        "inbox in the data folder.",
    )
    pipeline_target: Path | None = Field(
        default=None,
        description="BED of what the laboratory's kit captures. When empty, reads are taken to be of whole genomes.",
    )
    pipeline_truth: Path | None = Field(
        default=None,
        description="Folder with a folder per truth sample: truth.vcf.gz, confident.bed, reads, and coding.bed where "
        "known. When empty: truth in the data folder.",
    )
    pipeline_cores: int = Field(default=2, ge=1, le=512, description="Cores of this machine that a run may use.")
    pipeline_profile: str = Field(
        default="local",
        description="Where the steps of a run go: local, slurm, or a folder with a Snakemake profile.",
    )
    beacon_id: str = Field(
        default="org.example.varde",
        min_length=1,
        description="The identifier of this node's Beacon in networks: a reversed host name.",
    )
    beacon_organisation: str = Field(
        default="National frequency register", min_length=1, description="Who runs this node's Beacon."
    )
    public_budget: int = Field(
        default=1200,
        ge=1,
        description="What one client without sign-in (a /24 or /56 network) may ask of the frequency register in a "
        "minute, in each server process: a request is 1, and 100 variants or rows are 1. Budgets keep the node "
        "answering; anonymity rests on the gate of the release, not on them.",
    )
    professional_budget: int = Field(
        default=6000, ge=1, description="The same for a professional's account, who asks for exact counts."
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="Proxies in front of the node that add to X-Forwarded-For; the client's address is taken from the "
        "entry of the outermost of them. 0: the header is not believed.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log line written."
    )

    @field_validator("hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @property
    def data_folder(self) -> Path:
        """The data folder as an absolute path."""
        return self.data.expanduser().resolve()

    @property
    def reference_folder(self) -> Path:
        """The folder of the reference store."""
        return (self.references or self.data_folder / "references").expanduser().resolve()

    @property
    def gene_knowledge_file(self) -> Path:
        """The table of what is known of genes; it need not exist."""
        return (self.gene_knowledge or self.data_folder / "knowledge" / "genes.tsv").expanduser().resolve()

    @property
    def structural_tables_folder(self) -> Path:
        """The folder of tables for structural variants and repeats; it need not exist."""
        return (self.structural_tables or self.data_folder / "knowledge" / "structural").expanduser().resolve()

    @property
    def phenotype_names_file(self) -> Path:
        """The table of names of phenotype terms; it need not exist."""
        return (self.phenotype_names or self.data_folder / "knowledge" / "phenotype-names.tsv").expanduser().resolve()

    @property
    def inbox_folder(self) -> Path:
        """Where reads arrive; it need not exist."""
        return (self.pipeline_inbox or self.data_folder / "inbox").expanduser().resolve()

    @property
    def truth_folder(self) -> Path:
        """Where the truth samples stand; it need not exist."""
        return (self.pipeline_truth or self.data_folder / "truth").expanduser().resolve()

    def signing_key(self) -> str:
        """The session key: as set, or made once and kept in the data folder, readable by its owner only."""
        if self.secret_key:
            return self.secret_key
        path = self.data_folder / SECRET_FILE
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """The settings of this process, read once."""
    return Configuration()


def settings_page() -> str:
    """The guide's page of settings, made from the descriptions."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. `make docs` writes this page; a test compares it.",
        "",
        "| variable | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Configuration.model_fields.items():
        kind = getattr(field.annotation, "__name__", None) or str(field.annotation)
        kind = str(field.annotation) if "[" in str(field.annotation) or "|" in str(field.annotation) else kind
        kind = kind.replace("typing.", "").replace("pathlib._local.", "").replace("pathlib.", "").replace("|", "or")
        default = field.default
        if isinstance(default, tuple):
            default = ",".join(default)
        shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        lines.append(f"| `VARDE_{name.upper()}` | {kind} | {shown} | {field.description or ''} |")
    return "\n".join(lines) + "\n"
