"""What the demonstration's meetings talked about, decided and promised. All of it is made up."""

# Title, what it is about, what was noted.
ITEMS = (
    (
        "Where the numbers stand",
        "The latest count, place by place, and what is still missing.",
        [
            "Two places reported late; the sum is provisional.",
            "Shelters are fuller than last year.",
        ],
    ),
    (
        "Landlords who rent to veterans",
        "How many doors are open, and what landlords ask of us.",
        ["A landlord wants one number to call at night.", "Deposits are the obstacle, not rents."],
    ),
    (
        "The winter plan",
        "Warm beds from November to March, and who opens them.",
        ["The armory may be used again.", "Volunteers are short on weekdays."],
    ),
    (
        "Who is on the list and should not be",
        "Names that moved away or found a home and were never taken off.",
        ["Every fifth name was out of date.", "We look through the list each first Thursday."],
    ),
    (
        "Leaving the service with a plan",
        "What the base tells those who leave, and when.",
        ["The base would let us speak in the last month of service."],
    ),
    (
        "Rides to appointments",
        "Missed appointments in the counties, and what a ride costs.",
        ["A third of missed appointments were for want of a ride.", "The bus takes two hours."],
    ),
    (
        "Shared intake form",
        "One form instead of four, so that nobody tells their story four times.",
        [
            "Two questions were dropped after veterans read it.",
            "The form takes eleven minutes now.",
        ],
    ),
    (
        "Money for the first month",
        "A fund for deposits and the first rent.",
        ["The fund is enough for forty households."],
    ),
)

# Question, options, which was chosen, why, dissent.
DECISIONS = (
    (
        "Which form do we all use at intake?",
        ["The shared form of eleven minutes", "Everyone keeps their own form"],
        *(0, "Nobody should tell their story four times.", "none"),
    ),
    (
        "Do we open the armory this winter?",
        ["Open it from November to March", "Open it on the coldest nights", "Leave it closed"],
        *(
            1,
            "Staff are short; cold nights are when it matters.",
            "The season is longer in the hills.",
        ),
    ),
    (
        "How often is the list looked through?",
        ["Every month", "Every quarter"],
        *(0, "Every fifth name was out of date after a quarter.", "none"),
    ),
    (
        "What do we offer landlords?",
        ["One number to call, day and night", "A guarantee of two rents", "Both"],
        *(2, "Those who left named both reasons.", "The guarantee binds money we do not have yet."),
    ),
    (
        "Who pays for rides?",
        ["The fund for the first month", "Each organization for its own people"],
        *(0, "A ride is cheaper than a missed appointment.", "none"),
    ),
    (
        "Do we count in summer as well?",
        ["Once a year, in January", "In January and in July"],
        *(
            1,
            "The winter count misses those who sleep in cars.",
            "Twice the work for small places.",
        ),
    ),
    (
        "Who may see names?",
        ["Whoever works with the person", "Every partner"],
        *(0, "A name is given to one person, not to a list.", "none"),
    ),
    (
        "What do we do first with new money?",
        ["Deposits", "Outreach", "A nurse on the street"],
        *(
            0,
            "Leases were waiting for deposits, not for people.",
            "A nurse would reach who signs nothing.",
        ),
    ),
    (
        "Do we speak at the base?",
        ["In the last month of service", "Only on request"],
        *(0, "After leaving, nobody finds us.", "none"),
    ),
    (
        "Is a motel a home?",
        ["It counts as shelter", "It counts as housed after ninety days"],
        *(0, "Nobody in a motel has a lease.", "none"),
    ),
    (
        "Which places get help with counting?",
        ["The five smallest", "Whoever asks"],
        *(0, "The smallest places reported last, and never asked.", "none"),
    ),
    (
        "Do we keep the night line?",
        ["Keep it for another year", "End it in June"],
        *(0, "Landlords who call stay with us.", "It costs as much as eleven deposits."),
    ),
)

ACTIONS = (
    "Ask the armory for the keys",
    "Send the shared form to every front desk",
    "Look through the list before the next call",
    "Bring three landlords to the assembly",
    "Find out what a ride to the clinic costs",
    "Write one page on what the fund pays for",
    "Invite the base's transition office",
    "Train two people in each small place to count",
    "Compare motel nights with leases signed",
    "Translate the form into Spanish and Vietnamese",
    "Agree on one night number with the phone company",
    "Show the assembly how the count is made",
    "Call the five places that reported last",
    "Ask veterans to read the new letter",
    "Say which names left the list, and why",
    "Find weekday volunteers for the cold nights",
    "Talk with the county about deposits",
    "Report how many doors were opened",
    "Draft the agreement on who may see names",
    "Collect what front desks say of the form",
    "List beds that stay empty at weekends",
    "Ask the funder about a second year",
    "Write down how a name is taken off the list",
    "Visit the two shelters that opened in spring",
    "Send the July numbers to all partners",
    "Meet the new landlords' association",
    "Check the addresses in the hills",
    "Ask the clinic for evening hours",
    "Print the card with the night number",
    "Tell the council what changed since January",
    "Name somebody for the summer count",
    "Bring the costs of the night line",
    "Ask the bus company about a later run",
    "Show what the fund paid until now",
    "Put the winter plan on one page",
    "Write to those who left without a plan",
    "Count the rides that were given",
    "Ask two veterans to join the steering meeting",
    "Compare the list with the shelters' books",
    "Prepare the numbers for the assembly",
    "Say who calls landlords in the new year",
    "Collect the open questions on the count",
    "Find a room for the spring assembly",
    "Look at the list for names without a worker",
    "Ask the sheriff for the places seen at night",
    "Draft what we tell the newspapers",
    "Check which deposits came back",
    "Bring the form in large print",
    "Settle who opens the armory on holidays",
    "Thank the volunteers of the cold nights",
    "Report on speaking at the base",
    "Write the plan for the small places",
    "Ask partners what they gave this quarter",
    "Look again at who may see names",
    "Send the list of doors to outreach",
    "Plan the count in January",
    "Find a nurse for two nights a week",
    "Prepare the review of last year's decisions",
    "Agree on the words for the annual letter",
    "Say what is missing for the winter",
    "Ask the fund for its figures",
    "Bring what veterans said in November",
    "Check the night line's hours",
    "Name the speakers for the assembly",
    "Send the minutes to those who missed twice",
    "Compare our costs with last winter's",
    "Ask the base for dates in spring",
    "Settle the dates of the calls",
    "Write how a new partner joins",
    "Look for rides on Sundays",
)

# What was proposed and declined, and why.
DECLINED = (
    ("A logo of our own", "It changes nothing for a veteran; we come back to it with the report."),
    ("A trip to see how others count", "No money for travel this year."),
    ("Meet every week", "Most of us cannot; two weeks is what we agreed on."),
    ("One more question on the form", "Eleven minutes are the most that people sit through."),
    ("A prize for the best county", "It would set us against each other."),
    ("Buy the list from a vendor", "Names leave our hands; the working group said no twice."),
    ("Open the count to the press", "Not before those who are counted were asked."),
    ("A hall for five hundred", "The community hall is enough, and free."),
    ("Move the assembly to summer", "The spring numbers are what it is about."),
    ("A second night line", "First we see what the one we have can do."),
    ("Pay deposits twice", "The fund is for a first month."),
    ("Our own software for beds", "We use what the shelters have."),
    ("An office in each county", "It costs what forty deposits cost."),
    ("Ask the state to count for us", "We would know later, and less."),
    ("A film about our work", "Perhaps next year, if somebody pays for it."),
    ("Close the list in winter", "Winter is when it is needed."),
    ("Vote by number of beds", "Each organization has one voice here."),
    ("Leave the data group", "It is open to whoever wants to go; the group stays."),
)

# What was proposed a few days ago and not answered yet.
ASKED_FOR = (
    ("Who calls when a lease ends?", "Three went back to a shelter because nobody did."),
    ("Rides on Sundays", "Two counties would share a van."),
)
