"""What a registry holds: found by ``docker search``, told by ``docker manifest`` and ``trust``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dockcli.models.fields import Fields, whole


@dataclass(frozen=True, slots=True)
class Found:
    """A repository that a search found. Give its name to `pull`."""

    name: str
    description: str
    stars: int
    official: bool
    automated: bool
    raw: Mapping[str, Any] = field(repr=False)
    __docker_kind__: ClassVar[str] = "image"

    def __docker__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Found:
        top = Fields(raw)
        stars = whole(top.text("StarCount"))
        return cls(
            name=top.text("Name"),
            description=top.text("Description"),
            stars=top.number("Stars") if stars is None else stars,
            official=_yes(top, "IsOfficial", "Official"),
            automated=_yes(top, "IsAutomated", "Automated"),
            raw=raw,
        )


def _yes(top: Fields, *names: str) -> bool:
    return top.flag(*names) or top.text(*names) in ("true", "[OK]")


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a manifest points to: a layer, a configuration, or the manifest of one platform.

    ``size`` is in bytes; ``os``, ``architecture`` and ``variant`` are "" where it is for none.
    """

    digest: str
    size: int
    media_type: str
    os: str
    architecture: str
    variant: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> Descriptor:
        platform = one.inner("platform")
        return cls(
            digest=one.text("digest"),
            size=one.number("size"),
            media_type=one.text("mediaType"),
            os=platform.text("os"),
            architecture=platform.text("architecture"),
            variant=platform.text("variant"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class ManifestInspect:
    """A manifest: of an image, with its ``config`` and ``layers``, or a list with a manifest for
    each platform in ``manifests``."""

    media_type: str
    manifests: tuple[Descriptor, ...]
    config: Descriptor | None
    layers: tuple[Descriptor, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> ManifestInspect:
        top = Fields(raw)
        config = top.inner("config")
        return cls(
            media_type=top.text("mediaType"),
            manifests=tuple(map(Descriptor.parse, top.objects("manifests"))),
            config=Descriptor.parse(config) if config.raw else None,
            layers=tuple(map(Descriptor.parse, top.objects("layers"))),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class SignedTag:
    """A tag that is signed, the digest (without ``sha256:``) that it stands for, and by whom."""

    tag: str
    digest: str
    signers: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, one: Fields) -> SignedTag:
        return cls(
            tag=one.text("SignedTag"),
            digest=one.text("Digest"),
            signers=one.texts("Signers"),
            raw=one.raw,
        )


@dataclass(frozen=True, slots=True)
class TrustInspect:
    """The signatures of a repository, or of one of its tags.

    ``signers`` and ``administrative_keys`` have the ids of keys by the name of whose they are.
    """

    name: str
    signed_tags: tuple[SignedTag, ...]
    signers: Mapping[str, tuple[str, ...]]
    administrative_keys: Mapping[str, tuple[str, ...]]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> TrustInspect:
        top = Fields(raw)
        return cls(
            name=top.text("Name"),
            signed_tags=tuple(map(SignedTag.parse, top.objects("SignedTags"))),
            signers=_keys(top, "Signers"),
            administrative_keys=_keys(top, "AdministrativeKeys"),
            raw=raw,
        )


def _keys(top: Fields, name: str) -> dict[str, tuple[str, ...]]:
    return {
        one.text("Name"): tuple(key.text("ID") for key in one.objects("Keys"))
        for one in top.objects(name)
    }
