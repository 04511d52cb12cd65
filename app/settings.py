"""Settings: the typed environment, read once and passed down; a secret may stand in a file (`…_FILE`)."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

VERSION = "0.1.0"
_FROM_FILES = ("database_url",)


class Settings(BaseSettings):
    """All of the service's settings; the README has a table of them."""

    model_config = SettingsConfigDict(env_prefix="FAILBACK_", extra="ignore")

    database_url: str = Field("sqlite:///data/failback.db", description="SQLAlchemy URL of the database", repr=False)
    database_url_file: Path | None = Field(None, description="file that holds the database URL")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    log_format: Literal["json", "text"] = Field("text", description="form of the log lines on stderr")
    allowed_hosts: str = Field("", description="Host names to answer to, separated by commas; empty: any")
    behind_tls: bool = Field(default=False, description="a proxy in front ends TLS: cookies are for https alone")
    print_tokens: bool = Field(default=False, description="print the first start's two tokens even to no terminal")

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in _FROM_FILES:
            file = values.get(f"{name}_file")
            if file and not values.get(name):
                values[name] = Path(file).read_text(encoding="utf-8").strip()
        return values

    @property
    def hosts(self) -> tuple[str, ...]:
        """The allowed host names."""
        return tuple(name.strip() for name in self.allowed_hosts.split(",") if name.strip())
