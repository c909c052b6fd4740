"""A cluster's program, whatever way its control port is asked."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, List, TypeVar

from ._options import Options
from ._process import Process
from ._settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

HostedT = TypeVar("HostedT", bound="Hosted")


class Hosted:
    """The program that is the cluster."""

    def __init__(self, **options: Unpack[Options]) -> None:
        # Its port wants the token of the environment, as the program finds it there too.
        self._token = os.environ.get("FAUXKA_CONTROL_TOKEN") or None
        self._adopt(Process(options))

    def _adopt(self, process: Process) -> None:
        self._process = process
        self.bootstrap_servers = process.bootstrap_servers
        """The address that clients take: host:port, with commas between several."""
        self.control_url = process.control_url
        """The URL of the control port."""
        self.seed = process.seed
        """What decided all random choices: with the same seed, a cluster does the same."""
        self.listeners = process.listeners
        """The addresses of each listener by its name, if you have given several."""
        self.ca_file = process.ca_file
        """The file with the certificate authority, if listeners have TLS."""
        self.settings = Settings(self.bootstrap_list)
        """What client libraries need to reach the cluster."""
        self._connect()

    def _connect(self) -> None:
        raise NotImplementedError

    @classmethod
    def sharing(cls: type[HostedT], other: Hosted) -> HostedT:
        """The same cluster, to be asked in the other way. Whoever started it stops it."""
        made = cls.__new__(cls)
        made._token = other._token
        made._adopt(other._process)
        return made

    @property
    def bootstrap_list(self) -> List[str]:
        """The addresses that clients take, one for each node."""
        return self.bootstrap_servers.split(",")

    @property
    def pid(self) -> int:
        """The id of the program's process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """The end of the program's log."""
        return self._process.log

    def check_running(self) -> None:
        """Fails if the program has ended by itself."""
        ended = self._process.ended_by_itself()
        if ended is not None:
            raise ended

    def stop(self) -> None:
        """Ends the cluster. Nothing happens if it has ended."""
        self._process.stop()
