// Holds validation reports against the schema of ETSI TS 119 102-2, as EU DSS carries it.
//
// usage: java -cp 'JARS/*' Schema.java FILE…
//
// Ends with 1 and says why where one does not conform. Nothing is fetched from any network.

import eu.europa.esig.validationreport.ValidationReportUtils;
import java.io.File;
import javax.xml.transform.stream.StreamSource;

public class Schema {
    public static void main(String[] files) throws Exception {
        var schema = ValidationReportUtils.getInstance().getSchema();
        for (String file : files) {
            try {
                schema.newValidator().validate(new StreamSource(new File(file)));
            } catch (org.xml.sax.SAXException broken) {
                System.out.println(file + ": " + broken.getMessage());
                System.exit(1);
            }
        }
    }
}
