"""The steps of a rescue, each written down before it is taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dockcli.data.anew import CannotBeMadeAnew, differences, make, plan
from dockcli.data.rescue.errors import RescueFailed
from dockcli.data.rescue.fill import Filled, Names, fill
from dockcli.data.rescue.layer import others
from dockcli.data.rescue.result import Rescued
from dockcli.data.rescue.undo import LABEL
from dockcli.errors import DockerFailed, InvalidArgument, NoSuchImage

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.data.anew import Plan
    from dockcli.data.undertaking import Record
    from dockcli.models.container import ContainerInspect
    from dockcli.objects import Container

_A_MOMENT = 0.2  # seconds between two looks at a container that was started
_LOG_LINES = 5


class Steps:
    """A rescue on its way."""

    def __init__(
        self,
        client: Docker,
        told: ContainerInspect,
        record: Record,
        say: Callable[[str], object],
    ) -> None:
        self.client, self.told, self.record, self.say = client, told, record, say
        self.path: str = record.facts["path"]
        self.volume: str = record.facts["volume"]
        self.names = Names(record.facts["token"], told.name)
        self.image: str | None = None
        self.filled = Filled("", (), False)
        self.new: Container

    def prove_beforehand(self) -> None:
        """Make the container once more as it is, only to see that it can be done: nothing of the
        old one is touched before that."""
        self.say(f"seeing whether {self.told.name} can be made anew")
        trial = self._plan(self._reference())
        try:
            made = make(self.client, trial, self.names.new)
        except (DockerFailed, InvalidArgument) as error:
            raise CannotBeMadeAnew(self.told.name, (str(error),)) from error
        unlike = differences(self.told.raw, made.inspect().raw, without=trial.baked)
        if unlike:
            raise CannotBeMadeAnew(self.told.name, tuple(unlike))
        self._fresh, self._baked = made, trial.baked

    def go(self, *, settle: float, healthy_within: float) -> None:
        """All the rest, until the new one is there in its place, and runs if the old one did."""
        client, told = self.client, self.told
        if told.running:
            self.say(f"stopping {told.name}")
            client.container.stop(told.id)
        other = others(client, told, self.path, self._fresh.id)
        self._fresh.rm()
        self.record.note(filled=True)
        if self.record.facts["volume_was"] is None:
            client.volume.create(self.volume, label=[f"{LABEL}={self.names.token}"])
        self.say(f"copying {self.path} into the volume {self.volume}")
        self.filled = fill(client, told, self.path, self.volume, self.names)
        if other or self._baked:
            self._keep_image(other)
        self._make()
        self._swap_names()
        if told.running:
            self.say(f"starting {told.name}")
            self.new.start()
            self._wait(settle, healthy_within)

    def result(self, notes: Sequence[str]) -> Rescued:
        """What was done."""
        said = list(notes)
        if self.image:
            said.append(
                f"{self.told.name} had changes outside {self.path}: it is made of the image "
                f"{self.image}, which has them; what it needs of these should be in an image of "
                "your own, or in a volume"
            )
        if self.filled.loses:
            said.append(f"docker's own copy has not kept: {', '.join(self.filled.loses)}")
        keep = self.record.facts["keep_old"]
        if keep:
            said.append(f"the old container is {self.names.old}, and does not restart by itself")
        return Rescued(
            container=self.told.name,
            id=self.new.id,
            path=self.path,
            volume=self.volume,
            running=self.told.running,
            old=self.names.old if keep else None,
            image=self.image,
            way=self.filled.way,
            loses=self.filled.loses,
            notes=tuple(said),
        )

    def _reference(self) -> str:
        """The image's name, as long as it still means the same image; else its id."""
        name = str((self.told.raw.get("Config") or {}).get("Image"))
        try:
            same = self.client.image.inspect(name).id == self.told.image_id
        except NoSuchImage:
            same = False
        return name if same else self.told.image_id

    def _plan(self, reference: str) -> Plan:
        image = self.client.image.inspect(reference).raw
        return plan(self.told.raw, image, reference=reference)

    def _keep_image(self, other: Sequence[str]) -> None:
        self.say(
            f"keeping what else has changed in the image {self.names.image}: {len(other)} paths"
        )
        if self.filled.way != "copy":
            self.client.container.commit(self.told.id, self.names.image)
        self.image = self.names.image
        self.record.note(image_stays=True)

    def _make(self) -> None:
        """Make the new one, and compare the two."""
        self.say(f"making {self.told.name} anew")
        new = self._plan(self.image or self._reference())
        new = new.with_mount(self.volume, self.path, nocopy=self.filled.empty)
        self.new = make(self.client, new, self.names.new)
        self.record.note(new=self.new.id)
        unlike = differences(
            self.told.raw,
            self.new.inspect().raw,
            added=self.path,
            other_image=self.image is not None,
        )
        if unlike:
            raise RescueFailed(self.told.name, self.path, "; ".join(unlike))

    def _swap_names(self) -> None:
        self.client.container.rename(self.told.id, self.names.old)
        self.client.container.rename(self.new.id, self.told.name)

    def _wait(self, settle: float, healthy_within: float) -> None:
        """Until it runs, and stays so."""
        state = self.told.raw.get("State") or {}
        if (state.get("Health") or {}).get("Status") == "healthy":
            self.say(f"waiting until {self.told.name} is healthy")
            self.new.wait_for(healthy=True, deadline=healthy_within)
        until = time.monotonic() + settle
        while True:
            now = self.new.inspect()
            if not now.running or now.raw.get("RestartCount"):
                raise RescueFailed(self.told.name, self.path, self._ended(now))
            if time.monotonic() >= until:
                return
            time.sleep(_A_MOMENT)

    def _ended(self, now: ContainerInspect) -> str:
        lines = self.new.logs(tail=_LOG_LINES, check=False)
        said = (lines.text + lines.error_text).strip()
        why = f": {said}" if said else ""
        return f"made anew it does not stay up (exit code {now.exit_code}){why}"
