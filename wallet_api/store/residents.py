"""Residents and their devices, in the store."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlmodel import col

from runtime.clock import Clock
from runtime.database import Database
from runtime.failpoints import failpoint
from wallet_api.encryption import KeyEncryptionKey, SealBroken, new_data_key
from wallet_api.errors import Conflict, KeyFileError, NotFound
from wallet_api.model import Caller, Device
from wallet_api.store.sealing import count_changed, from_seconds, new_id, to_seconds
from wallet_api.store.tables import DeviceRow, ResidentRow


@dataclass(frozen=True, slots=True)
class ResidentStore:
    """Who uses this wallet, and from which devices."""

    database: Database
    key: KeyEncryptionKey
    clock: Clock

    def register(self, *, thumbprint: str, display_name: str | None) -> Caller:
        """A new resident with this first device. Conflict when the key is already registered."""
        now = to_seconds(self.clock())
        resident_id, device_id = new_id(), new_id()
        wrapped = self.key.wrap(new_data_key(), resident=resident_id)
        cipher = self.key.unwrap(wrapped, resident=resident_id)
        name = None
        if display_name is not None:
            name = cipher.seal(display_name.encode(), row=resident_id, column="display_name")
        with failpoint("wallet.register"), self.database.writing() as session:
            if session.scalar(
                select(col(DeviceRow.id)).where(col(DeviceRow.thumbprint) == thumbprint)
            ):
                raise Conflict("this device key is already registered")
            session.add(
                ResidentRow(
                    id=resident_id, wrapped_key=wrapped, display_name_sealed=name, created_at=now
                )
            )
            session.flush()
            session.add(
                DeviceRow(
                    id=device_id,
                    resident_id=resident_id,
                    thumbprint=thumbprint,
                    created_at=now,
                    last_seen_at=now,
                )
            )
        return Caller(resident=resident_id, device=device_id, thumbprint=thumbprint, cipher=cipher)

    def check_key(self) -> None:
        """A key file beside somebody else's database is found at the start, not by a resident."""
        with self.database.reading() as session:
            found = session.execute(
                select(col(ResidentRow.id), col(ResidentRow.wrapped_key)).limit(1)
            ).first()
        if found is None:
            return
        try:
            self.key.unwrap(found.wrapped_key, resident=found.id)
        except SealBroken as error:
            raise KeyFileError("the key file does not belong to this database") from error

    def open_session(self, *, thumbprint: str) -> Caller:
        """The caller behind a registered device key; its `last seen` moves to now."""
        with failpoint("wallet.session"), self.database.writing() as session:
            session.execute(
                update(DeviceRow)
                .where(col(DeviceRow.thumbprint) == thumbprint)
                .values(last_seen_at=to_seconds(self.clock()))
            )
        return self.find_caller(thumbprint=thumbprint)

    def find_caller(self, *, thumbprint: str) -> Caller:
        """The caller behind a device key, or NotFound: a removed device is nobody at once."""
        with self.database.reading() as session:
            found = session.execute(
                select(col(DeviceRow.id), col(ResidentRow.id), col(ResidentRow.wrapped_key))
                .join(ResidentRow, col(ResidentRow.id) == col(DeviceRow.resident_id))
                .where(col(DeviceRow.thumbprint) == thumbprint)
            ).first()
        if found is None:
            raise NotFound("no such device")
        device_id, resident_id, wrapped = found
        cipher = self.key.unwrap(wrapped, resident=resident_id)
        return Caller(resident=resident_id, device=device_id, thumbprint=thumbprint, cipher=cipher)

    def display_name(self, caller: Caller) -> str | None:
        """What the resident asked to be called."""
        with self.database.reading() as session:
            sealed = session.scalar(
                select(col(ResidentRow.display_name_sealed)).where(
                    col(ResidentRow.id) == caller.resident
                )
            )
        if sealed is None:
            return None
        return caller.cipher.open(sealed, row=caller.resident, column="display_name").decode()

    def devices(self, caller: Caller) -> tuple[Device, ...]:
        """The resident's devices, oldest first."""
        with self.database.reading() as session:
            rows = session.scalars(
                select(DeviceRow)
                .where(col(DeviceRow.resident_id) == caller.resident)
                .order_by(col(DeviceRow.created_at), col(DeviceRow.id))
            ).all()
            return tuple(
                Device(
                    id=row.id,
                    thumbprint=row.thumbprint,
                    created_at=from_seconds(row.created_at),
                    last_seen_at=from_seconds(row.last_seen_at),
                )
                for row in rows
            )

    def remove_device(self, caller: Caller, device_id: str) -> None:
        """From now on the device's key opens nothing."""
        statement = delete(DeviceRow).where(
            col(DeviceRow.id) == device_id, col(DeviceRow.resident_id) == caller.resident
        )
        with failpoint("wallet.remove_device"), self.database.writing() as session:
            removed = count_changed(session, statement)
        if removed == 0:
            raise NotFound("no such device")
