import java.io.File;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.Key;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.encryption.XMLCipher;
import org.apache.xml.security.signature.XMLSignature;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What Apache Santuario says: one line "ok" or "no" for each line COMMAND KEY FILE of a list. */
public class Santuario {
  static final String DS = "http://www.w3.org/2000/09/xmldsig#";
  static final String XENC = "http://www.w3.org/2001/04/xmlenc#";
  static final String WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

  public static void main(String[] args) throws Exception {
    org.apache.xml.security.Init.init();
    for (String line : Files.readAllLines(Paths.get(args[0]))) {
      String[] words = line.split(" ");
      boolean ok = false;
      try {
        Document document = parse(words[2]);
        switch (words[0]) {
          case "verify": ok = signature(document).checkSignatureValue(certificate(words[1])); break;
          case "mac": ok = signature(document).checkSignatureValue(new SecretKeySpec(Files.readAllBytes(Paths.get(words[1])), "Hmac")); break;
          case "decrypt": ok = decrypt(document, privateKey(words[1]), words[3]); break;
          case "unwrap": ok = decrypt(document, new SecretKeySpec(Files.readAllBytes(Paths.get(words[1])), words[4]), words[3]); break;
        }
      } catch (Exception e) {
        System.err.println(line + ": " + e);
      }
      System.out.println(ok ? "ok" : "no");
    }
  }

  static Document parse(String file) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    Document document = factory.newDocumentBuilder().parse(new FileInputStream(new File(file)));
    mark(document.getDocumentElement());
    return document;
  }

  static void mark(Element e) {
    if (e.hasAttributeNS(WSU, "Id")) e.setIdAttributeNS(WSU, "Id", true);
    for (String name : new String[] {"AssertionID", "Id"}) {
      if (e.hasAttributeNS(null, name)) e.setIdAttributeNS(null, name, true);
    }
    NodeList children = e.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i) instanceof Element) mark((Element) children.item(i));
    }
  }

  static XMLSignature signature(Document document) throws Exception {
    return new XMLSignature((Element) document.getElementsByTagNameNS(DS, "Signature").item(0), "", false);
  }

  static boolean decrypt(Document document, Key key, String expected) throws Exception {
    XMLCipher cipher = XMLCipher.getInstance();
    cipher.init(XMLCipher.DECRYPT_MODE, null);
    cipher.setKEK(key);
    Document opened = cipher.doFinal(document, (Element) document.getElementsByTagNameNS(XENC, "EncryptedData").item(0));
    Document wanted = parse(expected);
    return opened.getDocumentElement().isEqualNode(wanted.getDocumentElement());
  }

  static X509Certificate certificate(String file) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(file));
  }

  static Key privateKey(String file) throws Exception {
    String pem = new String(Files.readAllBytes(Paths.get(file))).replaceAll("-----[A-Z ]*-----|\\s", "");
    return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(java.util.Base64.getDecoder().decode(pem)));
  }
}
