"""The types of the shorthands: tests/unit/test_surface.py compares them with the module."""

from dockcli.commands.container import ContainerGroup
from dockcli.commands.group import Face, Mode
from dockcli.commands.image import ImageGroup
from dockcli.commands.system import SystemGroup
from dockcli.commands.top import TopGroup

class Shorthands(Face[Mode]):
    attach = ContainerGroup.attach
    commit = ContainerGroup.commit
    cp = ContainerGroup.cp
    create = ContainerGroup.create
    diff = ContainerGroup.diff
    exec = ContainerGroup.exec
    export = ContainerGroup.export
    kill = ContainerGroup.kill
    logs = ContainerGroup.logs
    pause = ContainerGroup.pause
    port = ContainerGroup.port
    ps = ContainerGroup.ls
    rename = ContainerGroup.rename
    restart = ContainerGroup.restart
    rm = ContainerGroup.rm
    run = ContainerGroup.run
    start = ContainerGroup.start
    stats = ContainerGroup.stats
    stop = ContainerGroup.stop
    top = ContainerGroup.top
    unpause = ContainerGroup.unpause
    update = ContainerGroup.update
    wait = ContainerGroup.wait
    build = ImageGroup.build
    history = ImageGroup.history
    images = ImageGroup.ls
    import_ = ImageGroup.import_
    load = ImageGroup.load
    pull = ImageGroup.pull
    push = ImageGroup.push
    rmi = ImageGroup.rm
    save = ImageGroup.save
    tag = ImageGroup.tag
    events = SystemGroup.events
    info = SystemGroup.info
    inspect = TopGroup.inspect
    login = TopGroup.login
    logout = TopGroup.logout
    search = TopGroup.search
    version = TopGroup.version
    raw = TopGroup.raw
