# driftkit with Spark 3.5, Java 17 and the Deequ jar; nothing is fetched at run time.
#
# For SageMaker, in place of AWS's images (the folders below /opt/ml belong to root there):
#   docker build --target sagemaker --tag driftkit-sagemaker .
# For everywhere else, run by an ordinary user:
#   docker build --tag driftkit .
#   docker run --rm --volume "$PWD:/data" driftkit data-quality baseline /data/training.csv --output /data/baseline
# The folder that is written to must be writable for user 1000, or add `--user "$(id -u)"`.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS wheel
WORKDIR /src
COPY . .
RUN .ci/image wheel /wheels

FROM python:${PYTHON}-slim-bookworm AS runtime
ENV DRIFTKIT_CACHE=/opt/driftkit \
    PYTHONUNBUFFERED=1
COPY .ci /src/.ci
COPY requirements /src/requirements
COPY --from=wheel /wheels /src/wheels
RUN /src/.ci/image runtime /src/wheels && rm -r /src
COPY jobs /opt/driftkit/jobs
ENTRYPOINT ["driftkit"]

# SageMaker runs the image without arguments.
FROM runtime AS sagemaker
CMD ["container"]

FROM runtime AS driftkit
RUN useradd --create-home --uid 1000 driftkit
USER driftkit
WORKDIR /home/driftkit
