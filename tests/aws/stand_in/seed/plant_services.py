"""Plants ECS waste beside its healthy look-alikes."""

from .services import make_cluster, make_service

IDLE, SIZE, ARM = "ecs-service-idle", "ecs-service-rightsize", "ecs-graviton"
SPOT, NO_SCALING, LOW, EMPTY = (
    "ecs-fargate-spot-nonprod", "ecs-service-no-autoscaling", "ecs-cluster-low-utilization", "ecs-cluster-unused",
)
FULL = (70.0, 70.0)


def plant_services(place) -> None:
    shop = make_cluster(place, "shop")
    name = make_service(place, shop, "campaign-2024", memory=4096, use=(0.3, 0.6))
    place.plant(IDLE, name, "CPU and memory below 1 %")
    place.plant(SIZE, name, "the smallest task would do", role="alternative")
    place.plant(ARM, name, "x86, its software not known", role="exposure")
    name = make_service(place, shop, "api", cpu=2048, memory=8192, count=4, use=(20.0, 30.0), tags={"runtime": "java"})
    place.plant(SIZE, name, "a fifth of its CPU, a third of its memory")
    place.plant(ARM, name, "Java on x86", role="alternative")
    name = make_service(place, shop, "search", use=FULL, tags={"Workload": "go"})
    place.plant(ARM, name, "Go on x86")
    place.healthy(name, [SIZE, NO_SCALING], "is used, and follows its load")
    name = make_service(place, shop, "payments", arch="ARM64", use=FULL, scaled=False)
    place.plant(NO_SCALING, name, "two tasks whatever the load", role="exposure")
    name = make_service(place, shop, "web-dev", arch="ARM64", use=FULL, tags={"env": "dev"}, provider="FARGATE")
    place.plant(SPOT, name, "not productive")
    _plant_healthy(place, shop)
    _plant_clusters(place)


def _plant_healthy(place, shop: str) -> None:
    name = make_service(place, shop, "batch-dev", arch="ARM64", use=FULL, tags={"env": "dev"}, provider="FARGATE_SPOT")
    place.healthy(name, [SPOT, IDLE, SIZE], "runs on Spot")
    name = make_service(place, shop, "standby", arch="ARM64", cpu=256, memory=512, use=(0.2, 0.4), tags={"keep": "standby"})
    place.healthy(name, [IDLE, SIZE], "tagged to keep; nothing smaller")
    name = make_service(place, shop, "beta", arch="ARM64", use=(0.2, 0.4), age=4)
    place.healthy(name, [IDLE, SIZE], "4 days old")
    name = make_service(place, shop, "dark", arch="ARM64")
    place.healthy(name, [IDLE, SIZE], "no metrics: unknown")
    name = make_service(place, shop, "dotnet", system="WINDOWS_SERVER_2022_CORE", use=(0.2, 0.4), scaled=False)
    place.healthy(name, [IDLE, SIZE, ARM, NO_SCALING], "Windows has other prices")
    name = make_service(place, shop, "off", count=0, use=(0.0, 0.0))
    place.healthy(name, [IDLE, ARM, NO_SCALING], "wants no task")


def _plant_clusters(place) -> None:
    make_cluster(place, "batch", machines=6, tasks=9, use=(11.0, 14.0))
    place.plant(LOW, "batch", "six machines with little to do", role="exposure")
    queue = make_cluster(place, "queue", machines=4, tasks=30, use=(72.0, 55.0))
    place.healthy("queue", LOW, "is used")
    name = make_service(place, queue, "worker", launch="EC2", use=(0.2, 0.4), scaled=False)
    place.healthy(name, [IDLE, SIZE, ARM, NO_SCALING], "runs on machines of its own")
    make_cluster(place, "poc-2023")
    place.plant(EMPTY, "poc-2023", "empty", role="exposure")
    make_cluster(place, "nightly", tags={"keep": "scheduled tasks"})
    place.healthy("nightly", EMPTY, "tagged to keep")
