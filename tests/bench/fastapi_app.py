# SPDX-License-Identifier: MIT
"""fastapi_app.py DESCRIPTOR: what the programs are measured against, the
guide's backend as a FastAPI application over SQLAlchemy and SQLite.

It does less than the programs: no leases, no time-outs, no catalogue. Like
them it answers a create or a result once that is on disk, and hands a task out
once. It serves with uvicorn on a listening socket that it inherits; several
such processes are what uvicorn calls workers. Says "ready" when it is.
BENCH_DATABASE is the database's
file, BENCH_TOKENS the tokens that are good, separated by commas.
"""

import os
import secrets
import socket
import sys
from datetime import datetime, timezone
from uuid import uuid4

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Index,
    Integer,
    String,
    create_engine,
    event,
)
from sqlalchemy.orm import Session, declarative_base, sessionmaker
from sqlalchemy.pool import QueuePool

# Connections are kept: opening one for each request would cost a tenth more.
engine = create_engine(
    "sqlite:///" + os.environ["BENCH_DATABASE"],
    poolclass=QueuePool,
    connect_args={"check_same_thread": False, "timeout": 60},
)
# Nothing is read again behind a commit, so nothing need expire.
SessionLocal = sessionmaker(bind=engine, expire_on_commit=False)
Base = declarative_base()
TOKENS = [token.encode() for token in os.environ["BENCH_TOKENS"].split(",")]


def utc_now():
    """As SQLite keeps it: without its zone."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


@event.listens_for(engine, "connect")
def make_durable(connection, _):
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


class PluginTask(Base):
    """The guide's table."""

    __tablename__ = "plugin_tasks"

    task_id = Column(String, primary_key=True)
    user_id = Column(Integer, nullable=False)
    action = Column(String(50), nullable=False)
    params = Column(JSON, nullable=False)
    status = Column(String(20), nullable=False)
    priority = Column(Integer, nullable=False, default=1)
    timeout = Column(Integer, nullable=False, default=60)
    created_at = Column(DateTime, nullable=False)
    started_at = Column(DateTime)
    completed_at = Column(DateTime)
    result = Column(JSON)
    error = Column(String(500))
    execution_time_ms = Column(Integer)

    __table_args__ = (
        Index("next", user_id, status, priority.desc(), created_at),
    )


# A coroutine, as the guide's handlers are: so none waits for a thread, which
# was seen to cost more than it gains.
async def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


async def check_token(
    credentials: HTTPAuthorizationCredentials = Depends(HTTPBearer()),
):
    given = credentials.credentials.encode()
    if not any(secrets.compare_digest(given, token) for token in TOKENS):
        raise HTTPException(status_code=401, detail="Unknown token")


router = APIRouter(prefix="/api", dependencies=[Depends(check_token)])


@router.post("/tasks/create")
async def create_task(
    user_id: int,
    action: str,
    params: dict,
    priority: int = 1,
    timeout: int = 60,
    db: Session = Depends(get_db),
):
    task = PluginTask(
        task_id=str(uuid4()),
        user_id=user_id,
        action=action,
        params=params,
        status="pending",
        priority=priority,
        timeout=timeout,
        created_at=utc_now(),
    )
    db.add(task)
    db.commit()
    return {"task_id": task.task_id}


def claim(db, user_id):
    """The guide's query; of several who find one task, the one that changes
    its status has it, and the others look again."""
    while True:
        task = (
            db.query(PluginTask)
            .filter(
                PluginTask.user_id == user_id, PluginTask.status == "pending"
            )
            .order_by(PluginTask.priority.desc(), PluginTask.created_at)
            .first()
        )
        if task is None:
            return None
        changed = (
            db.query(PluginTask)
            .filter(
                PluginTask.task_id == task.task_id,
                PluginTask.status == "pending",
            )
            .update(
                {"status": "executing", "started_at": utc_now()},
                synchronize_session=False,
            )
        )
        db.commit()
        if changed:
            return task
        db.expire_all()


@router.get("/plugin/tasks")
async def get_next_task(user_id: int, db: Session = Depends(get_db)):
    task = claim(db, user_id)
    if task is None:
        return {"task_id": None, "message": "No pending tasks"}
    return {
        "task_id": task.task_id,
        "action": task.action,
        "params": task.params,
        "priority": task.priority,
        "timeout": task.timeout,
    }


@router.post("/plugin/tasks/{task_id}/result")
async def save_task_result(
    task_id: str, result: dict, db: Session = Depends(get_db)
):
    task = db.query(PluginTask).filter(PluginTask.task_id == task_id).first()
    if task is None:
        raise HTTPException(status_code=404, detail="Task not found")
    task.status = "completed" if result["success"] else "failed"
    task.completed_at = utc_now()
    task.result = result.get("data")
    task.error = result.get("error")
    task.execution_time_ms = result.get("execution_time_ms")
    db.commit()
    return {"status": "received", "message": "Task result saved successfully"}


def main():
    Base.metadata.create_all(engine)
    app = FastAPI(on_startup=[lambda: print("ready", flush=True)])
    app.include_router(router)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    listener = socket.socket(fileno=int(sys.argv[1]))
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
