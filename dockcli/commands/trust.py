"""``docker trust``: signatures of images (Docker Content Trust, which needs a Notary server)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockcli import argv
from dockcli.call import QUOTING, Call
from dockcli.commands.answers import itself
from dockcli.commands.group import Group, Mode, Verb, at_least_one, verb
from dockcli.completed import Completed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dockcli.commands.signatures import TrustInspectVerb
    from dockcli.models.registry import TrustInspect
    from dockcli.spec.options import (
        TrustKeyGenerateOptions,
        TrustKeyLoadOptions,
        TrustRevokeOptions,
        TrustSignerAddOptions,
        TrustSignerRemoveOptions,
        TrustSignOptions,
    )
    from dockcli.spec.values import ImageRef, Word


def _inspect(self: TrustGroup[Any], *images: ImageRef, **options: Any) -> Call[Any]:
    """Tell who has signed one or more repositories, or tags of them.

    One name gives a `TrustInspect`, several give a list of them, by one process; with
    ``pretty=True`` docker's own text. Raises NotSigned, whose ``found`` has the others. Source:
    ``docker trust inspect``, https://docs.docker.com/reference/cli/docker/trust/inspect/
    """
    from dockcli.models.registry import TrustInspect

    names = at_least_one("image", map(argv.image, images))
    if options.get("pretty"):
        return self._call("inspect", options, names, parse=itself)
    return self._inspection(names, options, TrustInspect.parse)


class TrustKeyGroup(Group[Mode]):
    """``docker trust key``."""

    name = "trust key"

    @verb
    def generate(self, name: str, **options: Unpack[TrustKeyGenerateOptions]) -> Call[Completed]:
        """Make a pair of keys to sign with: the public one a file, the private one kept by docker.

        docker asks for a passphrase unless the client's ``env=`` has it in
        ``DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE``. Raises DockerFailed for a name that has a
        key, or without a passphrase. Source: ``docker trust key generate``,
        https://docs.docker.com/reference/cli/docker/trust/key/generate/
        """
        return self._call("generate", options, [argv.signer(name)], parse=itself)

    @verb
    def load(self, file: Word, **options: Unpack[TrustKeyLoadOptions]) -> Call[Completed]:
        """Let docker keep the private key in a *file* and sign with it.

        Raises DockerFailed for a file that is no private key. Source: ``docker trust key load``,
        https://docs.docker.com/reference/cli/docker/trust/key/load/
        """
        return self._call("load", options, [argv.operand(file)], parse=itself)


class TrustSignerGroup(Group[Mode]):
    """``docker trust signer``."""

    name = "trust signer"

    @verb
    def add(
        self, name: str, *repositories: ImageRef, **options: Unpack[TrustSignerAddOptions]
    ) -> Call[Completed]:
        """Let somebody sign one or more repositories; ``key=`` has the public key's file.

        Raises DockerFailed where the registry, or the server that keeps signatures, refuses.
        Source: ``docker trust signer add``,
        https://docs.docker.com/reference/cli/docker/trust/signer/add/
        """
        return self._call("add", options, _signed(name, repositories), parse=itself)

    @verb
    def remove(
        self, name: str, *repositories: ImageRef, **options: Unpack[TrustSignerRemoveOptions]
    ) -> Call[Completed]:
        """Let somebody sign one or more repositories no more.

        docker asks where theirs are the last signatures, unless ``force=True``. Raises DockerFailed
        where the registry, or the server that keeps signatures, refuses. Source:
        ``docker trust signer remove``,
        https://docs.docker.com/reference/cli/docker/trust/signer/remove/
        """
        return self._call("remove", options, _signed(name, repositories), parse=itself)


class TrustGroup(Group[Mode]):
    """``docker trust``."""

    name = "trust"

    inspect: TrustInspectVerb[TrustInspect] = Verb(_inspect)

    @property
    def key(self) -> TrustKeyGroup[Mode]:
        """``docker trust key``."""
        return self.below(TrustKeyGroup)

    @property
    def signer(self) -> TrustSignerGroup[Mode]:
        """``docker trust signer``."""
        return self.below(TrustSignerGroup)

    @verb
    def sign(self, image: ImageRef, **options: Unpack[TrustSignOptions]) -> Call[Completed]:
        """Sign a tag of an image and push it, or with ``local=True`` what is on this machine.

        Raises DockerFailed where the registry, or the server that keeps signatures, refuses.
        Source: ``docker trust sign``, https://docs.docker.com/reference/cli/docker/trust/sign/
        """
        return self._call("sign", options, [argv.image(image)], parse=itself, speaker=QUOTING)

    @verb
    def revoke(self, image: ImageRef, **options: Unpack[TrustRevokeOptions]) -> Call[Completed]:
        """Take back the signature of a tag, or of all tags of a repository.

        docker asks before it takes back all; the call is the answer, so ``--yes`` is given unless
        the caller says ``yes=False``. Raises DockerFailed where the registry, or the server that
        keeps signatures, refuses. Source: ``docker trust revoke``,
        https://docs.docker.com/reference/cli/docker/trust/revoke/
        """
        sure: dict[str, Any] = {"yes": True, **options}
        return self._call("revoke", sure, [argv.image(image)], parse=itself)


def _signed(name: str, repositories: tuple[ImageRef, ...]) -> list[str]:
    return [argv.signer(name), *at_least_one("repository", map(argv.image, repositories))]
