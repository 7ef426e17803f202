package calendar

// windowsZoneEast goes on with the zones of the eastern half.
func windowsZoneEast(name string) string {
	switch name {
	case "Namibia Standard Time":
		return "Africa/Windhoek"
	case "Arabic Standard Time":
		return "Asia/Baghdad"
	case "Turkey Standard Time":
		return "Europe/Istanbul"
	case "Arab Standard Time":
		return "Asia/Riyadh"
	case "Belarus Standard Time":
		return "Europe/Minsk"
	case "Russian Standard Time":
		return "Europe/Moscow"
	case "E. Africa Standard Time":
		return "Africa/Nairobi"
	case "Volgograd Standard Time":
		return "Europe/Volgograd"
	case "Iran Standard Time":
		return "Asia/Tehran"
	case "Arabian Standard Time":
		return "Asia/Dubai"
	case "Astrakhan Standard Time":
		return "Europe/Astrakhan"
	case "Azerbaijan Standard Time":
		return "Asia/Baku"
	case "Russia Time Zone 3":
		return "Europe/Samara"
	case "Mauritius Standard Time":
		return "Indian/Mauritius"
	case "Saratov Standard Time":
		return "Europe/Saratov"
	case "Georgian Standard Time":
		return "Asia/Tbilisi"
	case "Caucasus Standard Time":
		return "Asia/Yerevan"
	case "Afghanistan Standard Time":
		return "Asia/Kabul"
	case "West Asia Standard Time":
		return "Asia/Tashkent"
	case "Qyzylorda Standard Time":
		return "Asia/Qyzylorda"
	case "Ekaterinburg Standard Time":
		return "Asia/Yekaterinburg"
	case "Pakistan Standard Time":
		return "Asia/Karachi"
	case "India Standard Time":
		return "Asia/Kolkata"
	case "Sri Lanka Standard Time":
		return "Asia/Colombo"
	case "Nepal Standard Time":
		return "Asia/Kathmandu"
	case "Central Asia Standard Time":
		return "Asia/Bishkek"
	case "Bangladesh Standard Time":
		return "Asia/Dhaka"
	case "Omsk Standard Time":
		return "Asia/Omsk"
	case "Myanmar Standard Time":
		return "Asia/Yangon"
	case "SE Asia Standard Time":
		return "Asia/Bangkok"
	case "Altai Standard Time":
		return "Asia/Barnaul"
	case "W. Mongolia Standard Time":
		return "Asia/Hovd"
	case "North Asia Standard Time":
		return "Asia/Krasnoyarsk"
	case "N. Central Asia Standard Time":
		return "Asia/Novosibirsk"
	case "Tomsk Standard Time":
		return "Asia/Tomsk"
	case "China Standard Time":
		return "Asia/Shanghai"
	case "North Asia East Standard Time":
		return "Asia/Irkutsk"
	case "Singapore Standard Time":
		return "Asia/Singapore"
	case "W. Australia Standard Time":
		return "Australia/Perth"
	case "Taipei Standard Time":
		return "Asia/Taipei"
	case "Ulaanbaatar Standard Time":
		return "Asia/Ulaanbaatar"
	case "Aus Central W. Standard Time":
		return "Australia/Eucla"
	case "Transbaikal Standard Time":
		return "Asia/Chita"
	case "Tokyo Standard Time":
		return "Asia/Tokyo"
	case "North Korea Standard Time":
		return "Asia/Pyongyang"
	case "Korea Standard Time":
		return "Asia/Seoul"
	case "Yakutsk Standard Time":
		return "Asia/Yakutsk"
	case "Cen. Australia Standard Time":
		return "Australia/Adelaide"
	case "AUS Central Standard Time":
		return "Australia/Darwin"
	case "E. Australia Standard Time":
		return "Australia/Brisbane"
	case "AUS Eastern Standard Time":
		return "Australia/Sydney"
	case "West Pacific Standard Time":
		return "Pacific/Port_Moresby"
	case "Tasmania Standard Time":
		return "Australia/Hobart"
	case "Vladivostok Standard Time":
		return "Asia/Vladivostok"
	case "Lord Howe Standard Time":
		return "Australia/Lord_Howe"
	case "Bougainville Standard Time":
		return "Pacific/Bougainville"
	case "Russia Time Zone 10":
		return "Asia/Srednekolymsk"
	case "Magadan Standard Time":
		return "Asia/Magadan"
	case "Norfolk Standard Time":
		return "Pacific/Norfolk"
	case "Sakhalin Standard Time":
		return "Asia/Sakhalin"
	case "Central Pacific Standard Time":
		return "Pacific/Guadalcanal"
	case "Russia Time Zone 11":
		return "Asia/Kamchatka"
	case "New Zealand Standard Time":
		return "Pacific/Auckland"
	case "UTC+12":
		return "Etc/GMT-12"
	case "Kamchatka Standard Time":
		return "Asia/Kamchatka"
	case "Fiji Standard Time":
		return "Pacific/Fiji"
	case "Chatham Islands Standard Time":
		return "Pacific/Chatham"
	case "UTC+13":
		return "Etc/GMT-13"
	case "Tonga Standard Time":
		return "Pacific/Tongatapu"
	case "Samoa Standard Time":
		return "Pacific/Apia"
	case "Line Islands Standard Time":
		return "Pacific/Kiritimati"
	}
	return ""
}
