"""Plants Lambda waste beside its healthy look-alikes."""

from .functions import make_function, provision

MEMORY, ARM, ERRORS = "lambda-memory-rightsize", "lambda-graviton", "lambda-high-error-rate"
TIMEOUTS, PROVISIONED, UNUSED = "lambda-timeouts", "lambda-provisioned-concurrency", "lambda-unused"


def plant_functions(place) -> None:
    make_function(place, "thumbnails", memory=2048, insights=(20.0, 0.1))
    place.plant(MEMORY, "thumbnails", "fills a fifth of 2,048 MB and mostly waits")
    place.plant(ARM, "thumbnails", "Python on x86", role="alternative")
    make_function(place, "transcode", memory=2048, arch="arm64", insights=(20.0, 1.0))
    place.healthy("transcode", MEMORY, "works all the time: less memory would only make it slower")
    make_function(place, "thumbnails-full", memory=2048, arch="arm64", insights=(88.0, 0.1))
    place.healthy("thumbnails-full", MEMORY, "fills its memory")
    make_function(place, "reports", memory=3008, runtime="java21")
    place.plant(ARM, "reports", "Java on x86")
    place.healthy("reports", MEMORY, "no Lambda Insights: unknown")
    make_function(place, "pdf-image", runtime=None)
    place.plant(ARM, "pdf-image", "an image on x86", role="exposure")
    make_function(place, "go-old", runtime="go1.x")
    place.healthy("go-old", ARM, "its runtime has no arm64")
    make_function(place, "webhook", arch="arm64", errors=0.3)
    place.plant(ERRORS, "webhook", "30 % of its calls fail", role="exposure")
    make_function(place, "crawler", arch="arm64", timeout=60)
    place.plant(TIMEOUTS, "crawler", "every call ends at the timeout", role="exposure")
    make_function(place, "long-timeout", arch="arm64", timeout=900, errors=0.05)
    place.healthy("long-timeout", [TIMEOUTS, ERRORS], "a long timeout costs nothing; 5 % errors")
    _plant_concurrency(place)
    _plant_unused(place)


def _plant_concurrency(place) -> None:
    make_function(place, "checkout", arch="arm64")
    provision(place, "checkout", "live", 20, 0.25)
    place.plant(PROVISIONED, "checkout", "never uses more than 5 of 20")
    make_function(place, "quotes", arch="arm64")
    provision(place, "quotes", "blue", 5, None)
    place.plant(PROVISIONED, "quotes", "nobody calls the alias; the function is called otherwise")
    make_function(place, "search")
    provision(place, "search", "live", 10, 0.9)
    place.healthy("search", [PROVISIONED, ARM], "uses it up; running time has another price there")


def _plant_unused(place) -> None:
    make_function(place, "import-2022", seconds=None)
    place.plant(UNUSED, "import-2022", "no call in 14 days", role="exposure")
    make_function(place, "disaster", seconds=None, tags={"keep": "disaster recovery"})
    place.healthy("disaster", UNUSED, "tagged to keep")
    make_function(place, "fresh", seconds=None, age=3)
    place.healthy("fresh", UNUSED, "3 days old")
    make_function(place, "monthly", calls=0.01)
    place.healthy("monthly", [UNUSED, ARM, MEMORY], "40 calls: too few to judge")
    make_function(place, "us-east-1.edge", master=f"arn:aws:lambda:us-east-1:{place.account.id}:function:edge:1")
    place.healthy("us-east-1.edge", [UNUSED, ARM], "a copy of Lambda@Edge")
