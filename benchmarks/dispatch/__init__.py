"""How quickly and how surely due texts leave: ours beside Celery, Procrastinate and APScheduler.

``python -m benchmarks.dispatch`` runs every contender one after the other on this machine, against
the same HTTP stub of the provider, and writes one table.
"""
