package endpoint_test

import (
	"time"

	"exfed/federation/availability"
)

const (
	soapNS     = `xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"`
	envelope   = `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<s:Envelope ` + soapNS + ` xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">`
	addressing = `xmlns:a="http://www.w3.org/2005/08/addressing"`
)

// wrapped is a whole answer to the action with the content of its body.
func wrapped(action, headers, body string) string {
	return envelope + `<s:Header><a:Action ` + addressing + ` ` + soapNS + ` s:mustUnderstand="1">` + action + `</a:Action>` +
		`<a:RelatesTo ` + addressing + `>urn:uuid:1</a:RelatesTo>` + headers + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

// availabilityOf is the answer about mailboxes.
func availabilityOf(mailboxes ...string) string {
	body := `<m:GetUserAvailabilityResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:FreeBusyResponseArray>`
	for _, m := range mailboxes {
		body += `<m:FreeBusyResponse>` + m + `</m:FreeBusyResponse>`
	}
	return wrapped("http://schemas.microsoft.com/exchange/services/2006/messages/GetUserAvailabilityResponse", "", body+`</m:FreeBusyResponseArray></m:GetUserAvailabilityResponse>`)
}

// shown is the part of a mailbox that is shown in a view.
func shown(view, content string) string {
	return `<m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>` +
		`<m:FreeBusyView><t:FreeBusyViewType>` + view + `</t:FreeBusyViewType>` + content + `</m:FreeBusyView>`
}

const nothingShown = `<m:FreeBusyView><t:FreeBusyViewType>None</t:FreeBusyViewType></m:FreeBusyView>`

// noAccess is the part of a mailbox that the requester may see nothing of.
const noAccess = `<m:ResponseMessage ResponseClass="Error"><m:MessageText>The caller does not have access to free/busy data.</m:MessageText>` +
	`<m:ResponseCode>ErrorNoFreeBusyAccess</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>` +
	`<m:MessageXml xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">` +
	`<e:ExceptionType>Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException</e:ExceptionType><e:ExceptionCode>5037</e:ExceptionCode>` +
	`<e:ExceptionServerName>mail.fabrikam.com</e:ExceptionServerName><e:ResponseSource>https://mail.fabrikam.com/EWS/Exchange.asmx/WSSecurity</e:ResponseSource>` +
	`</m:MessageXml></m:ResponseMessage>` + nothingShown

// failed is the part of a mailbox with another error.
func failed(code, text string) string {
	return `<m:ResponseMessage ResponseClass="Error"><m:MessageText>` + text + `</m:MessageText><m:ResponseCode>` + code + `</m:ResponseCode>` +
		`<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:ResponseMessage>` + nothingShown
}

func notFound() string { return failed("ErrorMailRecipientNotFound", "There is no such mailbox here.") }

func unreadable() string {
	return failed("ErrorFreeBusyGenerationFailed", "The calendar cannot be read at the moment.")
}

// securityFault is a fault of WS-Security.
func securityFault(code, text string) string {
	return envelope + `<s:Body><s:Fault ` + soapNS + `><faultcode xmlns:c="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">c:` + code +
		`</faultcode><faultstring>` + text + `</faultstring></s:Fault></s:Body></s:Envelope>`
}

func tokenRefused() string {
	return securityFault("InvalidSecurityToken", "An error occurred when processing the security tokens in the message.")
}

// requestFault is a fault of Exchange Web Services.
func requestFault(code, text string) string {
	return envelope + `<s:Body><s:Fault ` + soapNS + `><faultcode xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">t:` + code +
		`</faultcode><faultstring xml:lang="en-US">` + text + `</faultstring><detail xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">` +
		`<e:ResponseCode>` + code + `</e:ResponseCode><e:Message>` + text + `</e:Message></detail></s:Fault></s:Body></s:Envelope>`
}

// tea is a meeting from 9 to 10 o'clock.
func tea() availability.Event {
	return availability.Event{
		Start: noon().Add(-3 * time.Hour), End: noon().Add(-2 * time.Hour), BusyType: availability.Busy, Subject: "Tea & talk", Location: "Room 1", ID: "00AF",
		IsMeeting: true, IsRecurring: true, IsReminderSet: true,
	}
}

// doctor is private, from 10:30 to 11 o'clock.
func doctor() availability.Event {
	return availability.Event{
		Start: noon().Add(-90 * time.Minute), End: noon().Add(-time.Hour), BusyType: availability.OOF, Subject: "Doctor", Location: "Clinic", ID: "00B0", IsPrivate: true,
	}
}

const (
	teaTimes    = `<t:StartTime>2030-02-06T09:00:00</t:StartTime><t:EndTime>2030-02-06T10:00:00</t:EndTime><t:BusyType>Busy</t:BusyType>`
	doctorTimes = `<t:StartTime>2030-02-06T10:30:00</t:StartTime><t:EndTime>2030-02-06T11:00:00</t:EndTime><t:BusyType>OOF</t:BusyType>`
	digits      = `<t:MergedFreeBusy>0230</t:MergedFreeBusy>`
	plainEvents = `<t:CalendarEventArray><t:CalendarEvent>` + teaTimes + `</t:CalendarEvent><t:CalendarEvent>` + doctorTimes + `</t:CalendarEvent></t:CalendarEventArray>`
	fullEvents  = `<t:CalendarEventArray><t:CalendarEvent>` + teaTimes + `<t:CalendarEventDetails><t:Subject>Tea &amp; talk</t:Subject><t:Location>Room 1</t:Location>` +
		`<t:IsMeeting>false</t:IsMeeting><t:IsRecurring>false</t:IsRecurring><t:IsException>false</t:IsException><t:IsReminderSet>false</t:IsReminderSet><t:IsPrivate>false</t:IsPrivate>` +
		`</t:CalendarEventDetails></t:CalendarEvent><t:CalendarEvent>` + doctorTimes + `<t:CalendarEventDetails>` +
		`<t:IsMeeting>false</t:IsMeeting><t:IsRecurring>false</t:IsRecurring><t:IsException>false</t:IsException><t:IsReminderSet>false</t:IsReminderSet><t:IsPrivate>true</t:IsPrivate>` +
		`</t:CalendarEventDetails></t:CalendarEvent></t:CalendarEventArray>`
)
