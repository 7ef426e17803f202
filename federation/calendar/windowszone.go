package calendar

// windowsZone returns the zone of the IANA database for the name by which Windows, and
// so Outlook and Exchange, know a time zone, "" for a name that is none. Where a zone of
// Windows covers several territories it is the one that Unicode CLDR's windowsZones
// has for the territory 001.
func windowsZone(name string) string {
	switch name {
	case "Dateline Standard Time":
		return "Etc/GMT+12"
	case "UTC-11":
		return "Etc/GMT+11"
	case "Aleutian Standard Time":
		return "America/Adak"
	case "Hawaiian Standard Time":
		return "Pacific/Honolulu"
	case "Marquesas Standard Time":
		return "Pacific/Marquesas"
	case "Alaskan Standard Time":
		return "America/Anchorage"
	case "UTC-09":
		return "Etc/GMT+9"
	case "Pacific Standard Time (Mexico)":
		return "America/Tijuana"
	case "UTC-08":
		return "Etc/GMT+8"
	case "Pacific Standard Time":
		return "America/Los_Angeles"
	case "US Mountain Standard Time":
		return "America/Phoenix"
	case "Mountain Standard Time (Mexico)":
		return "America/Mazatlan"
	case "Mountain Standard Time":
		return "America/Denver"
	case "Yukon Standard Time":
		return "America/Whitehorse"
	case "Central America Standard Time":
		return "America/Guatemala"
	case "Central Standard Time":
		return "America/Chicago"
	case "Easter Island Standard Time":
		return "Pacific/Easter"
	case "Central Standard Time (Mexico)":
		return "America/Mexico_City"
	case "Canada Central Standard Time":
		return "America/Regina"
	case "SA Pacific Standard Time":
		return "America/Bogota"
	case "Eastern Standard Time (Mexico)":
		return "America/Cancun"
	case "Eastern Standard Time":
		return "America/New_York"
	case "Haiti Standard Time":
		return "America/Port-au-Prince"
	case "Cuba Standard Time":
		return "America/Havana"
	case "US Eastern Standard Time":
		return "America/Indiana/Indianapolis"
	case "Turks And Caicos Standard Time":
		return "America/Grand_Turk"
	case "Paraguay Standard Time":
		return "America/Asuncion"
	case "Atlantic Standard Time":
		return "America/Halifax"
	case "Venezuela Standard Time":
		return "America/Caracas"
	case "Central Brazilian Standard Time":
		return "America/Cuiaba"
	case "SA Western Standard Time":
		return "America/La_Paz"
	case "Pacific SA Standard Time":
		return "America/Santiago"
	case "Newfoundland Standard Time":
		return "America/St_Johns"
	case "Tocantins Standard Time":
		return "America/Araguaina"
	case "E. South America Standard Time":
		return "America/Sao_Paulo"
	case "SA Eastern Standard Time":
		return "America/Cayenne"
	case "Argentina Standard Time":
		return "America/Argentina/Buenos_Aires"
	case "Greenland Standard Time":
		return "America/Nuuk"
	case "Montevideo Standard Time":
		return "America/Montevideo"
	case "Magallanes Standard Time":
		return "America/Punta_Arenas"
	case "Saint Pierre Standard Time":
		return "America/Miquelon"
	case "Bahia Standard Time":
		return "America/Bahia"
	case "UTC-02":
		return "Etc/GMT+2"
	case "Mid-Atlantic Standard Time":
		return "Etc/GMT+2"
	case "Azores Standard Time":
		return "Atlantic/Azores"
	case "Cape Verde Standard Time":
		return "Atlantic/Cape_Verde"
	case "UTC":
		return "Etc/UTC"
	case "GMT Standard Time":
		return "Europe/London"
	case "Greenwich Standard Time":
		return "Atlantic/Reykjavik"
	case "Sao Tome Standard Time":
		return "Africa/Sao_Tome"
	case "Morocco Standard Time":
		return "Africa/Casablanca"
	case "W. Europe Standard Time":
		return "Europe/Berlin"
	case "Central Europe Standard Time":
		return "Europe/Budapest"
	case "Romance Standard Time":
		return "Europe/Paris"
	case "Central European Standard Time":
		return "Europe/Warsaw"
	case "W. Central Africa Standard Time":
		return "Africa/Lagos"
	case "Jordan Standard Time":
		return "Asia/Amman"
	case "GTB Standard Time":
		return "Europe/Bucharest"
	case "Middle East Standard Time":
		return "Asia/Beirut"
	case "Egypt Standard Time":
		return "Africa/Cairo"
	case "E. Europe Standard Time":
		return "Europe/Chisinau"
	case "Syria Standard Time":
		return "Asia/Damascus"
	case "West Bank Standard Time":
		return "Asia/Hebron"
	case "South Africa Standard Time":
		return "Africa/Johannesburg"
	case "FLE Standard Time":
		return "Europe/Kiev"
	case "Israel Standard Time":
		return "Asia/Jerusalem"
	case "South Sudan Standard Time":
		return "Africa/Juba"
	case "Kaliningrad Standard Time":
		return "Europe/Kaliningrad"
	case "Sudan Standard Time":
		return "Africa/Khartoum"
	case "Libya Standard Time":
		return "Africa/Tripoli"
	}
	return windowsZoneEast(name)
}
