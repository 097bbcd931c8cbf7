"""What gunicorn and Celery load."""

from bootstrap import create_app

app = create_app()
celery = app.extensions["celery"]
