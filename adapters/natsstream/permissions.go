package natsstream

// Publishes is what the connection given to Open must be allowed to publish.
// There is no right in it to change, purge or delete a stream, nor to delete a
// record: DenyDelete and DenyPurge alone do not stop somebody who may change
// the stream's limits.
func Publishes(region string) []string {
	subjects := []string{
		subjectPrefix(region) + ">",
		keySubject(region),
		"$JS.API.STREAM.MSG.DELETE." + KeyStreamName(region),
	}
	for _, name := range []string{StreamName(region), KeyStreamName(region)} {
		subjects = append(subjects,
			"$JS.API.STREAM.CREATE."+name,
			"$JS.API.STREAM.INFO."+name,
			"$JS.API.DIRECT.GET."+name,
			"$JS.API.CONSUMER.CREATE."+name+".>",
			"$JS.API.CONSUMER.DELETE."+name+".>",
			"$JS.API.CONSUMER.INFO."+name+".>",
			"$JS.API.CONSUMER.MSG.NEXT."+name+".>",
		)
	}
	return subjects
}

// Subscribes is what the connection given to Open must be allowed to subscribe to.
func Subscribes() []string { return []string{"_INBOX.>"} }
