package web

// plansExamples are the end of the story: lists of plans, of employers and of contacts,
// of some only.
var plansExamples = []example{
	read("plannen", "De eigen open plannen, op hun eerste dag", opPlans, byGemeente, 200, "van", "2026-11-22", "aantal", "1", "vanafPositie", lastExample),
	read("plannen-verder", "De volgende bladzijde", opPlans, byGemeente, 200, "van", "2026-11-22", "aantal", "1", "na", nextOf("plannen"), "vanafPositie", lastExample),
	read("plannen-regio", "Wat er in de regio gepland was en is", opPlans, bySteward, 200, "voor", "regio", "status", "alles", "tot", "2026-12-31", "aantal", "4", "vanafPositie", lastExample),
	read("plannen-partner", "De plannen van een andere partner: zonder wat alleen van hem is", opPlans, byUWV, 200, "partner", partnerExample, "aantal", "1", "vanafPositie", lastExample),
	read("plannen-medewerker", "Van een accountmanager die er niet is", opPlans, byGemeente, 200, "Huisboek-Medewerker", "g-99", "vanafPositie", lastExample),
	read("plannen-wacht", "Wat op u wacht: hier niets", opPlans, byGemeente, 200, "wacht", "true", "vanafPositie", lastExample),
	read("plannen-fout", "Wat niet samengaat, en een dag die niet bestaat", opPlans, byUWV, 400, "voor", "regio", "partner", partnerExample, "van", "2026-02-30"),
	read("plannen-bestuur", "Het bestuur ziet geen werkgevers", opPlans, byBoard, 403),
	read("zoeken-filters", "Wie er dit jaar nog geen contact had, in een gemeente", opFind, byUWV, 200, "gemeente", "GM0193", "nietSinds", "2026-01-01", "sorteer", "laatste", "vanafPositie", lastExample),
	read("zoeken-sleutels", "Precies deze werkgevers; van de tweede is geen naam bekend", opFind, byUWV, 200, "werkgever", "90004760,69599068", "vanafPositie", lastExample),
	read("zoeken-filters-fout", "Een sector en een grootteklasse die er niet zijn", opFind, byUWV, 400, "sector", "zorg", "grootteklasse", "3", "zoek", "bakkerij"),
	read("contacten-soorten", "Alleen plannen en bezoeken, van veertien maanden", "contactenLezen", byGemeente, 200, "werkgever", "68727720", "soort", "plan,bezoek", "van", "2025-09-22", "vanafPositie", lastExample),
}
