"""What the demonstration's organizations say in its listening round. All of it is made up."""

CHOICES = {
    "cause": [
        "Rents that nobody can pay",
        "Too few homes",
        "Services that do not work together",
        "Health and addiction",
        "Leaving the service without a plan",
        "Loss of work or income",
    ],
    "population": [
        "Veterans sleeping outside",
        "Veterans in shelters",
        "Veterans about to lose a home",
        "Women veterans",
        "Families of veterans",
    ],
    "place": ["The city or town", "The county", "The region", "The state", "All three states"],
    "goal": [
        "No veteran sleeps outside",
        "Homelessness is rare and brief",
        "No veteran loses a home",
        "Every veteran has lasting housing",
    ],
    "approach": [
        "Housing first",
        "Transitional housing",
        "Outreach on the street",
        "Work with landlords",
        "Health and addiction care",
        "One list of names",
    ],
}
PROBLEM = "problem"
# Organization, then per question: what is said, how important, how movable, and why.
POSITIONS = {
    "WA-501": {
        PROBLEM: "Veterans in small towns are counted once a year and helped never.",
        "cause": (["Too few homes", "Services that do not work together"], 2, 1, ""),
        "population": (["Veterans sleeping outside", "Veterans in shelters"], 2, 1, ""),
        "place": (["The state"], 2, 2, "Our counties are too small to do it alone."),
        "goal": (["Homelessness is rare and brief"], 3, 1, "There will always be somebody new."),
        "horizon": (6, 2, 2, ""),
        "approach": (
            ["One list of names", "Housing first"],
            3,
            1,
            "A list by name is what ended it in other places.",
        ),
    },
    "FUND": {
        PROBLEM: "Money is spread over many programs and nobody can say what works.",
        "cause": (["Services that do not work together"], 3, 1, ""),
        "population": (["Veterans sleeping outside", "Veterans in shelters"], 2, 2, ""),
        "place": (["All three states"], 2, 1, ""),
        "goal": (["Homelessness is rare and brief"], 3, 0, "It can be checked month by month."),
        "horizon": (4, 2, 1, "Our board thinks in grants of four years."),
        "approach": (["One list of names", "Housing first"], 3, 1, ""),
    },
    "CO-503": {
        PROBLEM: "Rents rise faster than every voucher.",
        "cause": (["Rents that nobody can pay", "Too few homes"], 3, 0, ""),
        "population": (["Veterans about to lose a home", "Veterans in shelters"], 3, 1, ""),
        "place": (["The region"], 2, 1, ""),
        "goal": (
            ["No veteran loses a home", "Every veteran has lasting housing"],
            3,
            0,
            "Whoever only counts those outside starts too late.",
        ),
        "horizon": (10, 2, 1, ""),
        "approach": (["Work with landlords", "Housing first"], 3, 1, ""),
    },
    "CO-500": {
        PROBLEM: "Help is an hour's drive away.",
        "cause": (["Too few homes", "Loss of work or income"], 2, 2, ""),
        "population": (["Veterans about to lose a home", "Families of veterans"], 3, 1, ""),
        "place": (["The state"], 3, 1, ""),
        "goal": (["No veteran loses a home"], 3, 1, "Keeping a home costs a tenth of a new one."),
        "horizon": (8, 2, 2, ""),
        "approach": (["Work with landlords", "Outreach on the street"], 2, 2, ""),
    },
    "OR-501": {
        PROBLEM: "People die outside while we plan.",
        "cause": (["Rents that nobody can pay", "Health and addiction"], 3, 1, ""),
        "population": (["Veterans sleeping outside"], 3, 0, "They are the ones who die."),
        "place": (["The city or town", "The county"], 2, 1, ""),
        "goal": (["No veteran sleeps outside"], 3, 1, "First a roof, then all the rest."),
        "horizon": (3, 3, 1, "Nobody outside can wait for ten years."),
        "approach": (
            ["Transitional housing", "Outreach on the street", "Health and addiction care"],
            3,
            1,
            "A bed tonight is worth more than a lease next year.",
        ),
    },
    "OR-506": {
        PROBLEM: "Shelters are full of people who could rent.",
        "cause": (["Rents that nobody can pay"], 3, 1, ""),
        "population": (["Veterans in shelters", "Women veterans"], 2, 2, ""),
        "place": (["The county"], 2, 2, ""),
        "goal": (["Every veteran has lasting housing"], 3, 1, ""),
        "horizon": (8, 1, 2, ""),
        "approach": (["Housing first", "Work with landlords"], 3, 0, "It holds, year after year."),
    },
    "WA-500": {
        PROBLEM: "The same people come back every winter.",
        "cause": (["Health and addiction", "Too few homes"], 3, 1, ""),
        "population": (["Veterans sleeping outside"], 3, 1, ""),
        "place": (["The county"], 2, 1, ""),
        "goal": (["No veteran sleeps outside"], 2, 2, ""),
        "horizon": (5, 2, 2, ""),
        "approach": (
            ["Health and addiction care", "Transitional housing"],
            3,
            1,
            "Without treatment the lease is lost within a year.",
        ),
    },
    "WA-502": {
        PROBLEM: "Nobody knows who is still out there in March.",
        "cause": (
            ["Services that do not work together", "Leaving the service without a plan"],
            2,
            2,
            "",
        ),
        "population": (["Veterans sleeping outside", "Veterans in shelters"], 2, 1, ""),
        "place": (["The city or town"], 1, 2, ""),
        "goal": (["Homelessness is rare and brief"], 2, 2, ""),
        "horizon": (5, 2, 2, ""),
        "approach": (["One list of names", "Outreach on the street"], 3, 1, ""),
    },
}
ASKED_WITHOUT_ANSWER = ("OR-505", "CO-504")
LEADS = {
    "CO-500": ("mira", "Mira Castellano"),
    "CO-503": ("joel", "Joel Whitehorse"),
    "OR-501": ("tess", "Tess Marchetti"),
    "OR-506": ("amir", "Amir Haddad"),
    "WA-500": ("noor", "Noor Jensen"),
    "WA-502": ("hank", "Hank Oyelaran"),
}
